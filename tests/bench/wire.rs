//! The bytes of a FastCGI request as a web server writes them.

use crate::typical::{self, BOUNDARY};

const BEGIN_REQUEST: u8 = 1;
const PARAMS: u8 = 4;
const STDIN: u8 = 5;

/// The bytes of a request with the typical parameters; a POST where there is a body.
pub fn request(settings: &[(&str, &str)], body: &[u8], keep: bool) -> Vec<u8> {
    let length = body.len().to_string();
    let content_type = content_type();
    let value = |name, value| {
        let set = settings.iter().find(|(known, _)| *known == name).map(|setting| setting.1);
        set.unwrap_or(match name {
            "REQUEST_METHOD" if !body.is_empty() => "POST",
            "QUERY_STRING" if !body.is_empty() => "format=json",
            "CONTENT_LENGTH" => &length,
            _ => value,
        })
    };
    let mut params: Vec<(&str, &str)> =
        typical::PARAMS.iter().map(|&(name, usual)| (name, value(name, usual))).collect();
    if !body.is_empty() {
        params.push(("CONTENT_TYPE", &content_type));
    }
    let pairs = pairs(&params);
    let mut bytes = record(BEGIN_REQUEST, &[0, 1, u8::from(keep), 0, 0, 0, 0, 0]);
    for (kind, stream) in [(PARAMS, pairs.as_slice()), (STDIN, body)] {
        // mod_fcgid's pieces of a body are up to 8 KiB long.
        stream.chunks(8192).for_each(|piece| bytes.extend(record(kind, piece)));
        bytes.extend(record(kind, &[]));
    }
    bytes
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = (content.len() as u16).to_be_bytes();
    [&[1, kind, 0, 1, high, low, 0, 0], content].concat()
}

/// Name-value pairs as they go over the wire.
pub fn pairs(params: &[(&str, &str)]) -> Vec<u8> {
    let mut pairs = Vec::new();
    for (name, value) in params {
        for part in [name, value] {
            match part.len() {
                short @ 0..128 => pairs.push(short as u8),
                long => pairs.extend((long as u32 | 1 << 31).to_be_bytes()),
            }
        }
        pairs.extend_from_slice(name.as_bytes());
        pairs.extend_from_slice(value.as_bytes());
    }
    pairs
}

/// The type of the multipart bodies.
pub fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}
