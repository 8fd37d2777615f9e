//! The codec of every generated server and client: a request that breaks a rule of its contract
//! never reaches a handler.

use std::marker::PhantomData;

use prost::{Message, Name, bytes::Buf};
use prost_reflect::DynamicMessage;
use tonic::{
    Code, Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

use crate::{
    errors::Refusal,
    limits::Request,
    rules::{self, Violation},
};

/// Protobuf, with requests checked where they are decoded. Replies are taken as they come.
#[derive(Debug)]
pub struct Checked<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Checked<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Checked<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = CheckedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        CheckedDecoder { request: rules::request(&U::full_name()), message: PhantomData }
    }
}

/// Decodes `U`, and checks it if an RPC takes it.
pub struct CheckedDecoder<U> {
    request: Option<&'static Request>,
    message: PhantomData<U>,
}

impl<U: Message + Default> Decoder for CheckedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let Some(request) = self.request else {
            return U::decode(buf).map(Some).map_err(|_| malformed_reply());
        };
        let bytes = buf.copy_to_bytes(buf.remaining());
        let dynamic = DynamicMessage::decode(request.descriptor.clone(), bytes.clone())
            .map_err(malformed_request)?;
        let violations = rules::check_request(request, &dynamic);
        if !violations.is_empty() {
            return Err(invalid(violations));
        }
        U::decode(bytes).map(Some).map_err(malformed_request)
    }
}

fn malformed_reply() -> Status {
    Refusal::new(Code::Internal, "REPLY_MALFORMED", "the reply is not of the contract's type")
        .into()
}

#[expect(clippy::needless_pass_by_value, reason = "it is a mapper of errors")]
fn malformed_request(error: prost::DecodeError) -> Status {
    let message = format!("the request is not of the contract's type: {error}");
    Refusal::new(Code::InvalidArgument, "REQUEST_MALFORMED", message).into()
}

fn invalid(violations: Vec<Violation>) -> Status {
    let refusal = Refusal::new(Code::InvalidArgument, "FIELD_INVALID", summary(&violations));
    violations
        .into_iter()
        .fold(refusal, |refusal, it| refusal.violation(it.field, it.reason, it.description))
        .into()
}

/// The first few for people; programs read all of them in the details.
fn summary(violations: &[Violation]) -> String {
    let first = violations.iter().take(3).map(|it| format!("{} {}", it.field, it.description));
    let told = first.collect::<Vec<_>>().join("; ");
    match violations.len() {
        0..=3 => told,
        count => format!("{told}; and {} more", count - 3),
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
