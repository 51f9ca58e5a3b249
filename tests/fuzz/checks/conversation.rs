//! The FastCGI conversation: whatever bytes come on a connection, what is answered must be what the model
//! expects, to the byte, however they were cut.

use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::gateway::{Failure, Handler};

use super::model::{self, End};
use super::script::{AT_ONCE, Manner, converse};

/// Answers with what it was asked, or with as many bytes as `SIZE` says.
pub struct Echo;

/// `MAX_BODY_BYTES`.
pub const BODY_BYTES: usize = 1000;

/// A reply has at most so many bytes for each byte of the parameters, or it would be of no use to
/// look at the memory.
const SIZE_FACTOR: usize = 20;

impl Handler for Echo {
    fn max_body_bytes(&self, _: &Params) -> usize {
        BODY_BYTES
    }

    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        if let Ok(size) = request.params.text("SIZE").parse::<usize>() {
            let sent: usize = request.params.iter().map(|(name, value)| name.len() + value.len()).sum();
            return Ok(Reply::new(200, "text/plain", vec![b'x'; size.min(SIZE_FACTOR * sent)]));
        }
        let mut said: Vec<u8> = Vec::new();
        for (name, value) in request.params.iter() {
            said.extend([name, b"=", value, b"\n"].concat());
        }
        match &request.body {
            Ok(body) => said.extend(body),
            Err(error) => said.extend(error.to_string().bytes()),
        }
        Ok(Reply::new(200, "text/plain", said))
    }
}

/// Single bytes, signals, short writes and a reset make no difference to what is answered.
const MANNERS: [Manner; 4] = [
    AT_ONCE,
    Manner { read: 1, ..AT_ONCE },
    Manner { read: 5, write: 3, interrupted: true, ..AT_ONCE },
    Manner { read: 100, reset: true, ..AT_ONCE },
];

pub fn check(input: &[u8]) {
    let (expected, expected_end) = model::answer(input);
    for manner in MANNERS {
        let (output, end) = converse(&Echo, input, manner);
        assert!(
            output == expected,
            "{manner:?}: {end:?}: {} and not {}",
            output.escape_ascii(),
            expected.escape_ascii()
        );
        match expected_end {
            // Where nothing is on its way in, a reset is none of a request's business, and an error.
            End::Quiet => assert_eq!(end.is_ok(), !manner.reset, "{manner:?}: {end:?}"),
            End::Closed => assert!(end.is_ok(), "{manner:?}: {end:?}"),
            End::Broken => assert!(end.is_err(), "{manner:?}: {end:?}"),
        }
    }
}
