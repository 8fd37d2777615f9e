//! What somebody is told in the course of a story.

use jangteo::notification::v1::{
    Language, ListNotificationsRequest, ListNotificationsResponse, Notification,
};

use super::{
    ask,
    stage::Stage,
    step::{Row, Scene, Step},
};

/// Somebody reads what he was told, until that is news of these kinds, in the order of their names, about
/// what `is_ours`. Answers it as it came, the oldest first.
pub(super) async fn told(
    stage: &mut Stage,
    scene: Scene,
    expected: &[&str],
    is_ours: impl Fn(&str) -> bool,
) -> anyhow::Result<(Step, Vec<Row>)> {
    let request = ListNotificationsRequest {
        page_size: 100,
        language: Language::En.into(),
        ..ListNotificationsRequest::default()
    };
    let of = |page: &ListNotificationsResponse| -> Vec<Notification> {
        page.notifications.iter().filter(|told| is_ours(&told.subject)).cloned().collect()
    };
    let what = format!("the notifications {expected:?}");
    let fits = |page: &ListNotificationsResponse| kinds(&of(page)) == expected;
    let (step, page) = stage.seen(scene, request, &what, fits).await?;
    let rows = of(&page).iter().rev().map(row).collect();
    Ok((step, rows))
}

fn kinds(told: &[Notification]) -> Vec<&str> {
    let mut kinds: Vec<_> = told.iter().map(|told| told.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds
}

fn row(told: &Notification) -> Row {
    Row {
        of: told.recipient.clone(),
        rpc: ask::rpc::<ListNotificationsRequest>(),
        shows: ask::json(told),
        words: format!("is told: {}", told.text),
    }
}
