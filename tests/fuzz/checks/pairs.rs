//! Name-value pairs (FastCGI specification, section 3.4): what is read of any bytes must be what they are, and
//! come out the same when it is written again.

use std::sync::Mutex;

use product_lookup::gateway::request::{Params, Request};

use super::script::{AT_ONCE, converse};
use crate::fastcgi_client::{PARAMS, STDIN, begin, pair, record};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn owned<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Pairs {
    pairs.map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

/// Reads pairs the simple way; `None` where they end in the middle of one.
pub fn decode(stream: &[u8]) -> Option<Pairs> {
    let mut rest = stream.iter().copied();
    let mut pairs = Vec::new();
    while rest.len() > 0 {
        let mut length = || {
            let first = rest.next()?;
            let more = if first < 128 { 0 } else { 3 };
            (0..more).try_fold(u32::from(first & 127), |length, _| Some(length << 8 | u32::from(rest.next()?)))
        };
        let lengths = [length()? as usize, length()? as usize];
        let [name, value] = lengths.map(|length| rest.by_ref().take(length).collect::<Vec<u8>>());
        (lengths == [name.len(), value.len()]).then_some(())?;
        pairs.push((name, value));
    }
    Some(pairs)
}

/// What a handler gets of a request with this stream of parameters; `None` where it gets none.
fn handed_on(stream: &[u8]) -> Option<Params> {
    let params = Mutex::new(None);
    let handler = |request: &Request| {
        *params.lock().expect("one request") = Some(request.params.clone());
        ""
    };
    let records = stream.chunks(65_535).flat_map(|piece| record(PARAMS, 1, piece, 0)).collect();
    let request = [begin(1, false), records, record(PARAMS, 1, b"", 0), record(STDIN, 1, b"", 0)].concat();
    let (_, end) = converse(&handler, &request, AT_ONCE);
    let params = params.into_inner().expect("one request");
    assert_eq!(end.is_ok(), params.is_some(), "{end:?}");
    params
}

pub fn check(stream: &[u8]) {
    let params = handed_on(stream);
    let pairs = params.as_ref().map(|params| owned(params.iter()));
    assert_eq!(pairs, decode(stream));
    let (Some(params), Some(pairs)) = (params, pairs) else { return };
    for (name, _) in &pairs {
        let last = pairs.iter().rfind(|pair| pair.0 == *name).map(|pair| pair.1.as_slice());
        if let Ok(name) = str::from_utf8(name) {
            assert_eq!(params.value(name), last.filter(|value| !value.is_empty()), "{name:?}: the last, unless empty");
            assert_eq!(params.text(name), String::from_utf8_lossy(last.unwrap_or_default()));
        }
    }
    let again: Vec<u8> = pairs.iter().flat_map(|(name, value)| pair(name, value)).collect();
    assert!(again.len() <= stream.len(), "a length in one byte where that is enough");
    assert_eq!(handed_on(&again).map(|params| owned(params.iter())), Some(pairs));
    // Each beginning is either cut in the middle of a pair, or some of the pairs.
    for length in 0..stream.len().min(64) {
        assert_eq!(handed_on(&stream[..length]).map(|params| owned(params.iter())), decode(&stream[..length]));
    }
}
