//! RFC 9112: just enough HTTP/1.1, by hand, on both ends.
//!
//! A library would refuse to say what a hostile provider says (two lengths, a hundred thousand headers, no end); and the visitor
//! must see each redirect rather than follow it.

pub(crate) mod client;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod server;

pub(crate) use request::Request;
pub(crate) use response::{Body, Response};
