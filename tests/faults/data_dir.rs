//! The data directory: one process at a time, and it must be writable.

use std::path::PathBuf;

use jangteo_testing::Node;

use crate::{
    mesh::{BINARY, Mesh},
    seller::{LONG, Seller},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_data_directory_is_refused_and_harms_nothing() {
    let mesh = Mesh::start().await.unwrap();
    let second = Node::builder(PathBuf::from(BINARY)).data_dir(mesh.node.data_dir());
    let second = second.nats(&mesh.nats).launch().unwrap();
    let status = second.wait_exit(LONG).await.unwrap();
    assert!(!status.success());
    let output = second.output();
    assert!(output.contains("another jangteo runs on the data directory"), "{output}");
    assert!(output.contains("JANGTEO_DATA_DIR"), "{output}");
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_written_is_named_with_the_setting_that_moves_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    // A file is no directory, not even for root.
    let node = Node::builder(PathBuf::from(BINARY)).data_dir(file.join("data")).launch().unwrap();
    assert!(!node.wait_exit(LONG).await.unwrap().success());
    let output = node.output();
    for word in ["a file/data", "JANGTEO_DATA_DIR"] {
        assert!(output.contains(word), "no `{word}` in\n{output}");
    }
}
