//! Name-value pairs (FastCGI specification, section 3.4): what is read of any bytes must be what they are, and
//! come out the same when it is written again.

use product_lookup::gateway::fastcgi::record::{append_short_pair, decode_pairs};

use crate::fastcgi_client::pair;

/// As many as fit any input.
const MOST: usize = usize::MAX;

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

pub fn check(stream: &[u8]) {
    let params = decode_pairs(stream.to_vec(), MOST).ok();
    let pairs = params.as_ref().map(|params| owned(params.iter()));
    assert_eq!(pairs, decode(stream));
    let (Some(params), Some(pairs)) = (params, pairs) else { return };
    for (name, value) in &pairs {
        let last = pairs.iter().rfind(|pair| pair.0 == *name).map(|pair| pair.1.as_slice());
        if let Ok(name) = str::from_utf8(name) {
            assert_eq!(params.value(name), last.filter(|value| !value.is_empty()), "{name:?}: the last, unless empty");
            assert_eq!(params.text(name), String::from_utf8_lossy(last.unwrap_or_default()));
        }
        if name.len() < 128 && value.len() < 128 {
            let mut short = Vec::new();
            append_short_pair(&mut short, name, value);
            assert_eq!(short, pair(name, value));
        }
    }
    let again: Vec<u8> = pairs.iter().flat_map(|(name, value)| pair(name, value)).collect();
    assert!(again.len() <= stream.len(), "a length in one byte where that is enough");
    assert_eq!(decode_pairs(again, MOST).map(|params| owned(params.iter())), Ok(pairs));
    // Each beginning is either cut in the middle of a pair, or some of the pairs.
    for length in 0..stream.len().min(64) {
        assert_eq!(
            decode_pairs(stream[..length].to_vec(), MOST).map(|params| owned(params.iter())).ok(),
            decode(&stream[..length])
        );
    }
}
