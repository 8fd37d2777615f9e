//! Compiles `proto/` without protoc and embeds the descriptor set, options and all.

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

const ROOT: &str = "proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["buf", "google", "jangteo"] {
        println!("cargo::rerun-if-changed={ROOT}/{folder}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(contracts(&Path::new(ROOT).join("jangteo"))?)?;
    // Only the encoded form keeps the options that prost does not know.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let mut own = compiler.file_descriptor_set();
    // What only options import is not generated; prost asks about timestamps and masks.
    own.file.retain(|file| is_own(file) || file.package() == "google.protobuf");
    fs::write(out.join("mutating.rs"), keyed(&own, "Mutating", "request_id")?)?;
    fs::write(out.join("keyed.rs"), keyed(&own, "Keyed", "call_key")?)?;
    generate(own, &out)?;
    Ok(())
}

/// Every contract below a folder, relative to the proto root.
fn contracts(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(contracts(&path)?);
        } else if path.extension().is_some_and(|ext| ext == "proto") {
            found.push(path.strip_prefix(ROOT).map_err(io::Error::other)?.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

fn is_own(file: &FileDescriptorProto) -> bool {
    file.package().starts_with("jangteo.")
}

/// Messages, servers and clients; all of them speak through the codec that checks requests.
fn generate(own: FileDescriptorSet, out: &Path) -> io::Result<()> {
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .out_dir(out)
        .include_file("contracts.rs")
        .codec_path("crate::codec::Checked")
        .compile_fds_with_config(own, config)
}

/// An `impl` of a trait for each message that carries its field, a plain string.
fn keyed(own: &FileDescriptorSet, name: &str, field: &str) -> Result<String, std::fmt::Error> {
    let mut code = String::new();
    for file in own.file.iter().filter(|file| is_own(file)) {
        let module = file.package().replace('.', "::");
        for message in file.message_type.iter().filter(|message| carries(message, field)) {
            let message = message.name();
            writeln!(code, "impl crate::{name} for crate::generated::{module}::{message} {{")?;
            writeln!(code, "    fn {field}(&self) -> &str {{ &self.{field} }}")?;
            writeln!(code, "}}")?;
        }
    }
    Ok(code)
}

fn carries(message: &DescriptorProto, name: &str) -> bool {
    message.field.iter().any(|field| {
        field.name() == name
            && field.r#type() == Type::String
            && field.label() == Label::Optional
            && !field.proto3_optional()
    })
}
