//! Contracts for tests: written for one, or ours with a flaw.

use std::{fs, path::Path};

use prost_reflect::DescriptorPool;
use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");

/// Texts by file name, which stand in for whatever is at their places.
struct Sources<const N: usize>([(&'static str, String); N]);

impl<const N: usize> FileResolver for Sources<N> {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let source = self.0.iter().find(|(known, _)| *known == name);
        source.map_or_else(
            || Err(Error::file_not_found(name)),
            |(_, text)| File::from_source(name, text),
        )
    }
}

/// Compiles contracts that are not there, and what they import.
pub(crate) fn compiled<const N: usize>(sources: [(&'static str, String); N]) -> DescriptorPool {
    let names = sources.each_ref().map(|(name, _)| *name);
    let mut files = ChainFileResolver::new();
    files.add(Sources(sources));
    files.add(IncludeFileResolver::new(ROOT.into()));
    files.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(files);
    compiler.include_imports(true).open_files(names).expect("the contracts compile");
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice())
        .expect("a compiled contract is a sound descriptor set")
}

/// One of our contracts with `part` of it replaced, wherever it stands.
pub(crate) fn altered_text(name: &str, part: &str, by: &str) -> String {
    let text = fs::read_to_string(Path::new(ROOT).join(name)).expect("it is one of our contracts");
    assert!(text.contains(part), "{name} has no {part:?}");
    text.replace(part, by)
}

/// Compiles one of our contracts with `part` of it replaced.
pub(crate) fn altered(name: &'static str, part: &str, by: &str) -> DescriptorPool {
    compiled([(name, altered_text(name, part, by))])
}
