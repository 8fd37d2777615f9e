//! What the authors of a contract have written beside it.

use prost_reflect::FileDescriptor;

/// The comment before what stands at this path in its file; empty where the set carries none.
pub(super) fn of(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let mut locations = info.into_iter().flat_map(|info| &info.location);
    let comment =
        locations.find(|it| it.path == path).and_then(|it| it.leading_comments.as_deref());
    let lines = comment.unwrap_or_default().lines().map(str::trim);
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
