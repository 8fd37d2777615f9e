//! The consistency token as text: what a write hands to the reads that follow it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::Message;

use crate::ops::v1::{ConsistencyToken, consistency_token::Written};

/// The longest text that a token may be, in bytes: it travels as a header.
pub const MAX_LEN: usize = 8 * 1024;

/// Why a token can't be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Its text would be, or is, longer than [`MAX_LEN`].
    #[error("the consistency token is longer than {MAX_LEN} bytes")]
    TooLong,
    /// Its text was not made by [`encode`].
    #[error("the text is not a consistency token")]
    Malformed,
}

/// The token as base64url without padding; what wrote nothing is the empty text.
pub fn encode(token: &ConsistencyToken) -> Result<String, TokenError> {
    let text = URL_SAFE_NO_PAD.encode(token.encode_to_vec());
    if text.len() > MAX_LEN { Err(TokenError::TooLong) } else { Ok(text) }
}

/// The token that a text stands for, if every entry in it names an aggregate and an event.
pub fn decode(text: &str) -> Result<ConsistencyToken, TokenError> {
    if text.len() > MAX_LEN {
        return Err(TokenError::TooLong);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
    let token = ConsistencyToken::decode(bytes.as_slice()).map_err(|_| TokenError::Malformed)?;
    // Bytes without any entry that is known may still decode, as unknown fields.
    let says_nothing = token.written.is_empty() && !text.is_empty();
    if says_nothing || !token.written.iter().all(is_sound) {
        return Err(TokenError::Malformed);
    }
    Ok(token)
}

fn is_sound(written: &Written) -> bool {
    !written.context.is_empty()
        && !written.kind.is_empty()
        && written.aggregate_id.len() == 16
        && written.sequence > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Written {
        Written {
            context: "post".to_owned(),
            kind: "post".to_owned(),
            aggregate_id: vec![7; 16],
            sequence: 3,
        }
    }

    fn text(written: Vec<Written>) -> String {
        encode(&ConsistencyToken { written }).unwrap()
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let token = ConsistencyToken { written: vec![written(), written()] };
        let text = encode(&token).unwrap();
        assert_eq!(decode(&text), Ok(token));
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }

    #[test]
    fn a_write_of_nothing_is_the_empty_text() {
        assert_eq!(text(vec![]), "");
        assert_eq!(decode(""), Ok(ConsistencyToken::default()));
    }

    #[test]
    fn garbage_is_refused() {
        let truncated = &text(vec![written()])[..20];
        for garbage in ["!", "a", "AAAA", "CAE", "EAE", "==", truncated] {
            assert_eq!(decode(garbage), Err(TokenError::Malformed), "{garbage:?}");
        }
    }

    #[test]
    fn an_entry_that_names_no_event_is_refused() {
        let broken = [
            Written { context: String::new(), ..written() },
            Written { kind: String::new(), ..written() },
            Written { aggregate_id: vec![7; 15], ..written() },
            Written { sequence: 0, ..written() },
            Written { sequence: -1, ..written() },
        ];
        for entry in broken {
            let text = text(vec![written(), entry]);
            assert_eq!(decode(&text), Err(TokenError::Malformed));
        }
    }

    #[test]
    fn a_token_is_never_longer_than_its_cap() {
        let many = ConsistencyToken { written: vec![written(); 300] };
        assert_eq!(encode(&many), Err(TokenError::TooLong));
        assert_eq!(decode(&"A".repeat(MAX_LEN + 1)), Err(TokenError::TooLong));
    }
}
