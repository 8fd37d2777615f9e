//! Ways to spoil the databases of a sale.

use super::Control;

pub(super) const CONTROLS: [Control; 27] = [
    (
        "a post knows nothing of its deal",
        "post",
        "UPDATE post SET state = 'available', deal_id = NULL, offer_id = NULL, buyer = NULL,
            agreed_price_krw = NULL WHERE state = 'reserved'",
        "torn",
    ),
    (
        "a post is sold before its deal has ended",
        "post",
        "UPDATE post SET state = 'sold' WHERE state = 'reserved'",
        "torn",
    ),
    (
        "a post has another price than its deal",
        "post",
        "UPDATE post SET agreed_price_krw = 1 WHERE state = 'reserved'",
        "torn",
    ),
    (
        "an offer is in a deal that nobody knows",
        "offer",
        "UPDATE offer SET deal_id = id WHERE state = 'in_deal'",
        "torn",
    ),
    (
        "an offer is completed before its deal",
        "offer",
        "UPDATE offer SET state = 'completed', was = NULL WHERE state = 'in_deal'",
        "torn",
    ),
    (
        "a cancelled deal stands",
        "deal",
        "UPDATE deal SET state = 'reserved' WHERE state = 'cancelled'",
        "torn",
    ),
    (
        "two deals have one post",
        "deal",
        "UPDATE deal SET post_id = (SELECT MAX(post_id) FROM deal WHERE state = 'ended')
            WHERE state = 'reserved'",
        "oversold",
    ),
    (
        "two offers are accepted for one post",
        "offer",
        "UPDATE offer SET state = 'accepted' WHERE state = 'pending' AND post_id IN
            (SELECT post_id FROM offer WHERE state = 'in_deal')",
        "overaccepted",
    ),
    (
        "an offer is open though its post is sold",
        "offer",
        "UPDATE offer SET state = 'pending' WHERE state = 'auto_cancelled'",
        "open",
    ),
    (
        "an offer says something else than its history",
        "offer",
        "UPDATE offer SET state = 'refused' WHERE state = 'pending'",
        "row",
    ),
    (
        "a deal says something else than its history",
        "deal",
        "UPDATE deal SET buyer = 'nobody' WHERE state = 'ended'",
        "row",
    ),
    (
        "a call was undone whose deal stands",
        "offer",
        "UPDATE answer SET verdict = 'dead' WHERE verdict = 'yes'",
        "key",
    ),
    (
        "a call of an abandoned deal was not undone",
        "offer",
        "UPDATE answer SET verdict = 'yes' WHERE verdict = 'dead'",
        "key",
    ),
    (
        "a call of nobody is taken",
        "post",
        "UPDATE answer SET call_key = 'deals/nobody' WHERE call_key =
            (SELECT MAX(call_key) FROM answer)",
        "key",
    ),
    (
        "a deal is still being made",
        "deal",
        "UPDATE deal SET state = 'taking' WHERE state = 'abandoned'",
        "unfinished",
    ),
    (
        "an offer still asks",
        "offer",
        "UPDATE offer SET asks_again = 1 WHERE state = 'pending'",
        "unfinished",
    ),
    (
        "a question is not answered",
        "offer",
        "UPDATE waiting SET call_key = 'offers/x'",
        "unanswered",
    ),
    ("a timer has not fired", "offer", "UPDATE waiting SET wake_time = 1", "overdue"),
    ("an open offer has no timer", "offer", "DELETE FROM waiting", "asleep"),
    ("a request is not decided", "deal", "UPDATE request SET verdict = 'running'", "running"),
    (
        "a request was refused whose deal stands",
        "deal",
        "UPDATE request SET verdict = 'no' WHERE verdict = 'yes'",
        "contradicted",
    ),
    ("a deal's event is gone", "deal", "DELETE FROM journal WHERE sequence = 2", "lost"),
    (
        "an offer's event lost its mark",
        "offer",
        "UPDATE journal SET acked_time = NULL WHERE id = (SELECT MAX(id) FROM journal)",
        "unacked",
    ),
    ("a follower is behind", "post", "UPDATE gate SET sequence = 0", "gate"),
    (
        "a deal on a page says something else than its history",
        "view",
        "UPDATE my_deal SET price_krw = price_krw + 1",
        "row",
    ),
    ("a deal is on no page", "view", "DELETE FROM my_deal", "missing"),
    (
        "a timeline lacks an entry",
        "view",
        "DELETE FROM timeline_entry WHERE event_id = (SELECT MAX(event_id) FROM timeline_entry)",
        "missing",
    ),
];
