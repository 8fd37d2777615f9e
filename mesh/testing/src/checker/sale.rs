//! Posts, offers and deals beside each other: what one says of another must be so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use uuid::Uuid;

use super::{
    Finding, deal,
    rows::{self, Row},
    source::Source,
};

/// What a row says, as far as it concerns others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    id: String,
    state: String,
    buyer: String,
    price_krw: i64,
}

/// A deal, and what the other rows must say of it.
struct Deal {
    id: Uuid,
    state: String,
    post: String,
    offer: String,
    buyer: String,
    price_krw: i64,
}

/// By the deal that they name.
type Named = BTreeMap<Uuid, Vec<Said>>;

/// A post is reserved or sold for one deal, and that deal and its offer know of it.
pub(super) async fn check(posts: &Source, offers: &Source, deals: &Source) -> Result<Vec<Finding>> {
    let deals = deals.rows.iter().map(deal).collect::<Result<Vec<_>>>()?;
    let (by_post, by_offer) = (named(&posts.rows, post)?, named(&offers.rows, offer)?);
    let mut findings = torn(&deals, &by_post, &by_offer);
    findings.extend(oversold(&deals));
    findings.extend(offered(posts, offers)?);
    for peer in [posts, offers] {
        findings.extend(keys(peer, &deals).await?);
    }
    Ok(findings)
}

fn deal(row: &Row) -> Result<Deal> {
    Ok(Deal {
        id: row.id("id")?,
        state: row.text("state")?,
        post: row.id_or_null("post_id")?,
        offer: row.id("offer_id")?.to_string(),
        buyer: row.text_or_null("buyer")?,
        price_krw: row.number_or_null("price_krw")?.unwrap_or_default(),
    })
}

fn post(row: &Row) -> Result<Said> {
    Ok(Said {
        id: row.id("id")?.to_string(),
        state: row.text("state")?,
        buyer: row.text_or_null("buyer")?,
        price_krw: row.number_or_null("agreed_price_krw")?.unwrap_or_default(),
    })
}

fn offer(row: &Row) -> Result<Said> {
    let proposed = row.number_or_null("proposed_krw")?;
    Ok(Said {
        id: row.id("id")?.to_string(),
        state: row.text("state")?,
        buyer: row.text("buyer")?,
        price_krw: proposed.or(row.number_or_null("list_price_krw")?).unwrap_or_default(),
    })
}

fn named(rows: &[Row], read: fn(&Row) -> Result<Said>) -> Result<Named> {
    let mut named = Named::new();
    for row in rows {
        if let Ok(deal) = Uuid::parse_str(&row.id_or_null("deal_id")?) {
            named.entry(deal).or_default().push(read(row)?);
        }
    }
    Ok(named)
}

fn torn(deals: &[Deal], posts: &Named, offers: &Named) -> Vec<Finding> {
    let mut findings = vec![];
    let none = Vec::new();
    let said = |named: &Named, id: &Uuid| named.get(id).unwrap_or(&none).clone();
    for deal in deals {
        let (post, offer) = (said(posts, &deal.id), said(offers, &deal.id));
        if (&post, &offer)
            != (
                &deal.wants(&deal.post, "reserved", "sold"),
                &deal.wants(&deal.offer, "in_deal", "completed"),
            )
        {
            let others = format!("{post:?}, {offer:?}");
            findings.push(Finding::Torn { deal: deal.id, state: deal.state.clone(), others });
        }
    }
    let known: BTreeSet<_> = deals.iter().map(|deal| deal.id).collect();
    let named: BTreeSet<_> = posts.keys().chain(offers.keys()).collect();
    for deal in named.into_iter().filter(|id| !known.contains(id)) {
        let others = format!("{:?}, {:?}", said(posts, deal), said(offers, deal));
        findings.push(Finding::Torn { deal: *deal, state: "nowhere".to_owned(), others });
    }
    findings
}

impl Deal {
    /// What the row of its post, or of its offer, must say while it is planned and when it is done.
    fn wants(&self, id: &str, planned: &str, done: &str) -> Vec<Said> {
        let state = match self.state.as_str() {
            "reserved" => planned,
            "ended" => done,
            // It names nobody, so nobody may name it.
            _ => return vec![],
        };
        let (id, state, buyer) = (id.to_owned(), state.to_owned(), self.buyer.clone());
        vec![Said { id, state, buyer, price_krw: self.price_krw }]
    }
}

fn oversold(deals: &[Deal]) -> Vec<Finding> {
    let standing = |deal: &&Deal| ["reserved", "ended"].contains(&deal.state.as_str());
    let posts = deals.iter().filter(standing).filter_map(|deal| deal.post.parse().ok());
    more_than_one(posts).map(|(post, deals)| Finding::Oversold { post, deals }).collect()
}

/// At most one offer has the seller's yes, and none is open once the post is gone.
fn offered(posts: &Source, offers: &Source) -> Result<Vec<Finding>> {
    let (mut accepted, mut findings) = (vec![], vec![]);
    let mut gone = BTreeSet::new();
    for row in &posts.rows {
        if ["sold", "deleted"].contains(&row.text("state")?.as_str()) {
            gone.insert(row.id("id")?);
        }
    }
    for row in &offers.rows {
        let (offer, post, state) = (row.id("id")?, row.id("post_id")?, row.text("state")?);
        if ["accepted", "in_deal"].contains(&state.as_str()) {
            accepted.push(post);
        }
        let open = ["asking", "pending", "accepted", "in_deal"].contains(&state.as_str());
        if open && gone.contains(&post) {
            findings.push(Finding::Open { post, offer, state });
        }
    }
    let over = more_than_one(accepted.into_iter());
    findings.extend(over.map(|(post, offers)| Finding::Overaccepted { post, offers }));
    Ok(findings)
}

fn more_than_one(posts: impl Iterator<Item = Uuid>) -> impl Iterator<Item = (Uuid, usize)> {
    let mut counts = BTreeMap::new();
    for post in posts {
        *counts.entry(post).or_insert(0) += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1)
}

/// What a peer took for a deal is a yes for good while there is a deal to be seen, and dead once it
/// is abandoned.
async fn keys(peer: &Source, deals: &[Deal]) -> Result<Vec<Finding>> {
    let deals: BTreeMap<_, _> =
        deals.iter().map(|deal| (format!("deals/{}", deal.id), deal)).collect();
    let mut findings = vec![];
    for row in rows::all(&peer.db, "answer").await? {
        let (key, verdict) = (row.text("call_key")?, row.text("verdict")?);
        let state = deals.get(&key).map(|deal| deal.state.clone()).unwrap_or_default();
        let right = if deal::seen(&state).is_empty() { "dead" } else { "yes" };
        if verdict != right || state.is_empty() {
            findings.push(Finding::Key { context: peer.kind, key, verdict, deal: state });
        }
    }
    Ok(findings)
}
