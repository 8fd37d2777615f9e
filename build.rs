//! Compiles `proto/` without protoc and embeds the descriptor set, options and all.

use std::{env, fs, io, path::PathBuf};

const ROOT: &str = "proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(contracts()?)?;
    // Only the encoded form keeps the options that prost does not know.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .out_dir(&out)
        .include_file("contracts.rs")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Every contract of jangteo, relative to the proto root.
fn contracts() -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT).join("jangteo")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "proto") {
                found.push(path.strip_prefix(ROOT).map_err(io::Error::other)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}
