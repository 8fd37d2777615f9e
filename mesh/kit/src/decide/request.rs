//! What a request id is answered.

/// What to do with a request that carries a request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is new: do it.
    Do,
    /// It was done: give the first answer again.
    Repeat,
    /// The id was used for another request.
    Reused,
}

/// Compares the request that was recorded under the id, if any, with this one.
pub fn answer(recorded: Option<&[u8]>, body_hash: &[u8]) -> Answer {
    match recorded {
        None => Answer::Do,
        Some(recorded) if recorded == body_hash => Answer::Repeat,
        Some(_) => Answer::Reused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_repeats_and_another_is_refused() {
        assert_eq!(answer(None, b"a"), Answer::Do);
        assert_eq!(answer(Some(b"a"), b"a"), Answer::Repeat);
        assert_eq!(answer(Some(b"a"), b"b"), Answer::Reused);
    }
}
