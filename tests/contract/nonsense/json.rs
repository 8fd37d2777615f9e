//! Bodies that are JSON, nearly, or not at all.

use crate::crash::dice::Dice;

const NUMBERS: [&str; 18] = [
    "0",
    "-0",
    "-1",
    "1.5",
    "1e3",
    "1e400",
    "-1E-400",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "00",
    "0x10",
    "NaN",
    "-Infinity",
    "-",
    "1_000",
];

/// What texts are made of, as it stands between the quotes.
const PIECES: [&[u8]; 22] = [
    b"",
    b"a",
    b"1e5",
    b"-1",
    b"\xea\xb0\x80",
    b"\xf0\x9f\x9a\xb2",
    b"\\ud800",
    b"\\udc00\\ud83d",
    b"\\ud83d\\udeb2",
    b"\\u0000",
    b"\\u202e",
    b"\\x",
    b"\\\"",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\n",
    b"\0",
    b"2026-11-21T00:00:00Z",
    b"9999-99-99T99:99:99.999999999999Z",
    b"STATE_SOLD",
    b"STATE_NONE",
];

const DEPTHS: [usize; 6] = [10, 127, 128, 129, 1_000, 5_000];

/// Anything at all.
pub(super) fn value(dice: &mut Dice, depth: u32) -> Vec<u8> {
    match dice.below(if depth == 0 { 4 } else { 8 }) {
        0 => dice.pick(&["null", "true", "false", "nul", ""]).as_bytes().to_vec(),
        1 => dice.pick(&NUMBERS).as_bytes().to_vec(),
        2 | 3 => text(dice),
        4 => list(dice, depth - 1),
        5 | 6 => {
            let many = dice.below(4);
            let fields: Vec<_> = (0..many).map(|_| (text(dice), value(dice, depth - 1))).collect();
            object(&fields)
        }
        _ => deep(dice),
    }
}

/// An object of names and values, whether they are any or not; names may stand there twice.
pub(super) fn object(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| [name, &b":"[..], value].concat()).collect();
    [&b"{"[..], &fields.join(&b","[..]), b"}"].concat()
}

/// The name of a field.
pub(super) fn quoted(name: &str) -> Vec<u8> {
    format!("\"{name}\"").into_bytes()
}

fn text(dice: &mut Dice) -> Vec<u8> {
    let mut text = b"\"".to_vec();
    for _ in 0..dice.below(4) {
        text.extend(*dice.pick(&PIECES));
    }
    if dice.once_in(40) {
        text.extend("가".repeat(5_000).into_bytes());
    }
    text.push(b'"');
    text
}

fn list(dice: &mut Dice, depth: u32) -> Vec<u8> {
    let many = dice.below(4);
    let values: Vec<_> = (0..many).map(|_| value(dice, depth)).collect();
    [&b"["[..], &values.join(&b","[..]), b"]"].concat()
}

/// Deeper than anything is meant to be, and sometimes without an end.
fn deep(dice: &mut Dice) -> Vec<u8> {
    let depth = *dice.pick(&DEPTHS);
    let (open, shut) = *dice.pick(&[("[", "]"), ("{\"a\":", "}")]);
    let shut = if dice.once_in(2) { shut.repeat(depth) } else { String::new() };
    [open.repeat(depth), "1".to_owned(), shut].concat().into_bytes()
}

/// The same with a flaw somewhere: cut off, a bit of it turned, or a part of it twice.
pub(super) fn flawed(dice: &mut Dice, mut bytes: Vec<u8>) -> Vec<u8> {
    let Ok(length @ 1..) = u32::try_from(bytes.len()) else { return bytes };
    let at = dice.below(length) as usize;
    match dice.below(3) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << dice.below(8),
        _ => bytes.extend_from_within(at..),
    }
    bytes
}
