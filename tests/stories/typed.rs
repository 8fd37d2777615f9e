//! The five stories as `docs/stories.md` has them typed.

use super::document::{lacking, typed};

/// A-T1, A-T5, A-T6, A-T8, A-T9, B-T1, B-T2, B-T4, B-T5, B-T6, B-T7, C-T1, C-T2, C-T3, C-T4, C-T5, D-T1, D-T3,
/// D-T4, E-T1, E-T2, E-T3, E-T4, E-T5
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_answered_as_the_document_says() {
    let all = typed("docs/stories.md").await;
    assert!(all.iter().filter(|(block, _)| !block.answer.is_empty()).count() >= 12);
    for (block, printed) in all {
        let lacking = lacking(&printed, &block.answer);
        assert_eq!(lacking, None, "printed by\n{}\n:\n{printed}", block.commands);
    }
}
