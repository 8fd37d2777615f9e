//! Bytes that are no message of the contract's type.

use prost_reflect::{FieldDescriptor, Kind, prost::bytes::Bytes};

use super::agreed::Rpc;

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const DELIMITED: u8 = 2;
const START_GROUP: u8 = 3;
const END_GROUP: u8 = 4;
const FIXED32: u8 = 5;
/// A field that no request has.
pub(super) const UNKNOWN: u32 = 1000;

/// What is sent, and what is wrong with it.
pub(super) type Broken = (String, Bytes);

/// A good request, with something behind it that can't be read.
pub(super) fn broken(rpc: &Rpc, good: &[u8]) -> Vec<Broken> {
    let own = rpc.fields.iter().filter(|field| !field.path.contains('.'));
    let fields = own.flat_map(|field| of_field(&field.descriptor));
    let mut broken: Vec<_> = fields
        .chain(of_any())
        .map(|(what, tail)| (what, Bytes::from([good, &tail].concat())))
        .collect();
    if let [most @ .., _] = good {
        broken.push(("without its last byte".to_owned(), Bytes::copy_from_slice(most)));
    }
    broken
}

/// A number in a field that the contract does not know yet: no fault.
pub(super) fn from_the_future(good: &[u8]) -> Bytes {
    [good, &key(UNKNOWN, VARINT), &[1]].concat().into()
}

fn of_field(field: &FieldDescriptor) -> Vec<(String, Vec<u8>)> {
    let of = |kind: u8, rest: &[u8]| [key(field.number(), kind).as_slice(), rest].concat();
    let mut wrong = vec![
        ("as fixed64", of(FIXED64, &[1; 8])),
        ("as fixed32", of(FIXED32, &[1; 4])),
        ("as a group", [of(START_GROUP, &[]), of(END_GROUP, &[])].concat()),
    ];
    match field.kind() {
        Kind::Int32 | Kind::Int64 | Kind::Enum(_) | Kind::Bool => {
            wrong.push(("beyond 64 bits", of(VARINT, &[&[0xff; 9][..], &[0x7f]].concat())));
            wrong.push(("of eleven bytes", of(VARINT, &[&[0x80; 10][..], &[1]].concat())));
            wrong.push(("cut off", of(VARINT, &[0x80])));
        }
        _ => {
            wrong.push(("as a varint", of(VARINT, &[1])));
            wrong.push(("cut off", of(DELIMITED, &[5, b'a'])));
            wrong.push(("longer than anything", of(DELIMITED, &[0xff, 0xff, 0xff, 0xff, 0x0f])));
        }
    }
    if field.kind() == Kind::String {
        wrong.push(("no UTF-8", of(DELIMITED, &[2, 0xff, 0xfe])));
        wrong.push(("half a surrogate pair", of(DELIMITED, &[3, 0xed, 0xa0, 0x80])));
        wrong.push(("an overlong NUL", of(DELIMITED, &[2, 0xc0, 0x80])));
    }
    wrong.into_iter().map(|(what, bytes)| (format!("{} {what}", field.name()), bytes)).collect()
}

fn of_any() -> [(String, Vec<u8>); 5] {
    [
        ("field 0", key(0, VARINT)),
        ("wire type 6", key(UNKNOWN, 6)),
        ("a group that ends first", key(UNKNOWN, END_GROUP)),
        ("groups without end", key(UNKNOWN, START_GROUP).repeat(10_000)),
        ("a key without an end", vec![0xff; 11]),
    ]
    .map(|(what, bytes)| (what.to_owned(), bytes))
}

fn key(number: u32, kind: u8) -> Vec<u8> {
    let mut rest = u64::from(number) << 3 | u64::from(kind);
    let mut bytes = Vec::new();
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        bytes.push(if rest == 0 { low } else { low | 0x80 });
        if rest == 0 {
            return bytes;
        }
    }
}
