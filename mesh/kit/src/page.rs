//! Pages: how many rows, and where the last page ended.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use uuid::Uuid;

use jangteo::errors::Refusal;

use crate::{
    status::failed,
    store::{Failure, Never, Store},
};

/// Separates the parts of a token; no key of ours contains it.
const SEPARATOR: char = '\u{1f}';

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

/// Rows of a page: what was asked for, or `default` for 0.
pub fn page_size(asked: i32, default: u64) -> u64 {
    u64::try_from(asked).ok().filter(|size| *size > 0).unwrap_or(default)
}

/// Cuts rows, of which one more than `limit` was read, to the page; if there was one more, the text of
/// the last row's token tells where the next page begins.
pub fn cut<R>(
    mut rows: Vec<R>,
    limit: u64,
    token: impl FnOnce(&R) -> PageToken,
) -> (Vec<R>, String) {
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(token);
    (rows, next.map(|token| token.text()).unwrap_or_default())
}

/// A list as it was asked for.
pub struct Asked<'a> {
    /// Names the list with its filters.
    pub scope: &'a str,
    /// Rows of a page, or 0.
    pub size: i32,
    /// Where the last page ended, or empty.
    pub token: &'a str,
}

/// A page of the aggregates that `find` finds, newest first, with the token of the next one.
///
/// # Errors
/// A token of another list; the database can't be reached.
pub async fn newest<E>(
    store: &Store,
    find: Select<E>,
    (time, id): (E::Column, E::Column),
    asked: Asked<'_>,
) -> Result<(Vec<E::Model>, String), Status>
where
    E: EntityTrait<Model: Send + Sync>,
{
    let limit = page_size(asked.size, PAGE);
    let mut find = find.order_by_desc(time).order_by_desc(id).limit(limit + 1);
    if let Some(mut token) = PageToken::parse(asked.scope, asked.token)? {
        let (last_time, last_id) = (token.take::<i64>()?, token.take::<Uuid>()?);
        let same_time = Condition::all().add(time.eq(last_time)).add(id.lt(last_id));
        find = find.filter(Condition::any().add(time.lt(last_time)).add(same_time));
    }
    let rows = find.all(store.reader().map_err(failed)?).await;
    let rows = rows.map_err(|error| failed(Failure::<Never>::Database(error)))?;
    Ok(cut(rows, limit, |last| {
        PageToken::new(asked.scope)
            .with(last.get(time).unwrap::<i64>())
            .with(last.get(id).unwrap::<Uuid>())
    }))
}

/// Where a page ended, with a fingerprint of the list that it belongs to: a token of a list with
/// other filters is refused. Opaque to clients.
#[derive(Debug)]
pub struct PageToken {
    parts: Vec<String>,
}

impl PageToken {
    /// The token of a list with these filters.
    pub fn new(scope: &str) -> Self {
        Self { parts: vec![fingerprint(scope)] }
    }

    /// Adds a part of the last row's key.
    #[must_use]
    pub fn with(mut self, part: impl Display) -> Self {
        self.parts.push(part.to_string());
        self
    }

    /// As it travels.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.parts.join(&SEPARATOR.to_string()))
    }

    /// Reads the token of a request; none for the first page.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `PAGE_TOKEN_INVALID`: it is not a token of this list.
    pub fn parse(scope: &str, text: &str) -> Result<Option<Self>, Status> {
        if text.is_empty() {
            return Ok(None);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        let token = String::from_utf8(bytes).map_err(|_| invalid())?;
        let mut parts: Vec<String> = token.split(SEPARATOR).map(str::to_owned).collect();
        if parts.first() != Some(&fingerprint(scope)) {
            return Err(invalid());
        }
        parts.reverse();
        parts.pop();
        Ok(Some(Self { parts }))
    }

    /// The next part of the last row's key.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `PAGE_TOKEN_INVALID`: there is none, or it is not a `T`.
    pub fn take<T: FromStr>(&mut self) -> Result<T, Status> {
        self.parts.pop().and_then(|part| part.parse().ok()).ok_or_else(invalid)
    }
}

fn fingerprint(scope: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(scope)[..6])
}

fn invalid() -> Status {
    let said =
        "page_token is not one of this list: take it from the last answer, with the same filters";
    Refusal::new(Code::InvalidArgument, "PAGE_TOKEN_INVALID", said)
        .violation("page_token", "PAGE_TOKEN_INVALID", said)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_given() {
        let text = PageToken::new("posts").with("post").with(7).text();
        let mut token = PageToken::parse("posts", &text).unwrap().unwrap();
        assert_eq!(token.take::<String>().unwrap(), "post");
        assert_eq!(token.take::<i64>().unwrap(), 7);
        assert!(token.take::<i64>().is_err());
    }

    #[test]
    fn a_page_has_a_successor_only_if_a_row_is_left() {
        let token = |last: &u8| PageToken::new("numbers").with(last);
        assert_eq!(cut(vec![1, 2], 2, token), (vec![1, 2], String::new()));
        assert_eq!(cut(vec![1, 2, 3], 2, token), (vec![1, 2], token(&2).text()));
        assert_eq!(cut(vec![], 2, token), (vec![], String::new()));
    }

    #[test]
    fn a_token_of_another_list_or_garbage_is_refused() {
        let text = PageToken::new("posts of a").with(7).text();
        for (scope, text) in
            [("posts of b", text.as_str()), ("posts of a", "%%%"), ("posts of a", "AAAA")]
        {
            let status = PageToken::parse(scope, text).unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument);
        }
    }
}
