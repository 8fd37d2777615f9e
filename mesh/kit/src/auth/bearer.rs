//! The token in a request's headers.

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::TokenError;

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// The bearer token of a request; none is no error here, two are.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<&str>, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => parse(value).map(Some),
        (Some(_), Some(_)) => Err(TokenError::Invalid("send one `authorization` header, not two")),
    }
}

fn parse(value: &HeaderValue) -> Result<&str, TokenError> {
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => {
            within_limit(token)
        }
        _ => Err(TokenError::Invalid("`authorization` must be `Bearer <token>`")),
    }
}

fn within_limit(token: &str) -> Result<&str, TokenError> {
    if token.len() > LONGEST {
        return Err(TokenError::Invalid("it is longer than 8 KiB"));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Result<Option<String>, TokenError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        token(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(of(&["Bearer a.b.c"]), Ok(Some("a.b.c".to_owned())));
        assert_eq!(of(&["bearer a.b.c"]), Ok(Some("a.b.c".to_owned())));
    }

    #[test]
    fn no_header_is_no_token() {
        assert_eq!(of(&[]), Ok(None));
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in ["", "Bearer", "Bearer ", "Basic a2ltOnB3", "a.b.c", "Bearera.b.c"] {
            assert!(of(&[wrong]).is_err(), "{wrong:?}");
        }
        let bytes = HeaderMap::from_iter([(
            AUTHORIZATION,
            HeaderValue::from_bytes(b"Bearer \xff").unwrap(),
        )]);
        assert!(token(&bytes).is_err());
    }

    #[test]
    fn two_headers_are_refused_even_if_they_agree() {
        assert!(of(&["Bearer a.b.c", "Bearer a.b.c"]).is_err());
    }

    #[test]
    fn a_token_has_at_most_8_kib() {
        assert!(of(&[&format!("Bearer {}", "a".repeat(LONGEST))]).is_ok());
        assert!(of(&[&format!("Bearer {}", "a".repeat(LONGEST + 1))]).is_err());
    }
}
