//! Where the fuzzer begins: the requests of the table of cases, as the bytes that each target takes. The files in
//! `corpus` are those that no case has.

use url::form_urlencoded;

use crate::cases::{self, Case};
use crate::fastcgi_client::{WHOLE, pair, request};
use crate::variables::variables;

/// Bytes of a seed at most, as run.sh has it for all inputs.
const MOST: usize = 8192;

/// The seeds of a target, without those that are there already.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = cases::table().iter().filter_map(|case| seed(target, case)).collect();
    seeds.retain(|seed| seed.len() <= MOST);
    seeds.sort();
    seeds.dedup();
    seeds
}

/// A case as the target takes it; `None` where it has nothing for it.
fn seed(target: &str, case: &Case) -> Option<Vec<u8>> {
    let body = case.body.as_deref().unwrap_or_default();
    let sent = |name: &str| case.fields.iter().find(|field| field.0 == name).map(|field| field.1.as_slice());
    let posted = |own: &str| case.body.as_ref().map(|_| lines(case, own));
    match target {
        "accept" => sent("Accept").map(<[u8]>::to_vec),
        "conversation" => Some(request(1, false, &variables(case), body, WHOLE)),
        "get" => case.body.is_none().then(|| lines(case, "")),
        "json" => posted("application/json"),
        "multipart" => posted("multipart/form-data; boundary=B"),
        "name" => asked(case, "name").map(String::into_bytes),
        "pairs" => Some(variables(case).iter().flat_map(|(name, value)| pair(name, value)).collect()),
        "search" => {
            let [limit, after] = ["limit", "after"].map(|name| asked(case, name).unwrap_or_default());
            asked(case, "q").map(|question| [question, limit, after].join("\n").into_bytes())
        }
        "urlencoded" => posted("application/x-www-form-urlencoded"),
        // Files of products are no requests.
        _ => None,
    }
}

/// The variables, a line each, an empty line, and the body; without what the check adds by itself, since it
/// expects more where that is not told. `own` is the target's own type of body.
fn lines(case: &Case, own: &str) -> Vec<u8> {
    let mut variables = variables(case);
    variables.retain(|(name, value)| match name.as_slice() {
        b"GATEWAY_INTERFACE" | b"SERVER_PROTOCOL" | b"CONTENT_LENGTH" => false,
        b"REQUEST_METHOD" => ![&b"GET"[..], b"POST"].contains(&value.as_slice()),
        b"CONTENT_TYPE" => value != own.as_bytes(),
        _ => !value.is_empty(),
    });
    let line = |(name, value): (Vec<u8>, Vec<u8>)| [name, b"=".to_vec(), value, b"\n".to_vec()].concat();
    let head: Vec<u8> = variables.into_iter().flat_map(line).collect();
    [&head, &b"\n"[..], case.body.as_deref().unwrap_or_default()].concat()
}

/// What the query says of a name.
fn asked(case: &Case, name: &str) -> Option<String> {
    form_urlencoded::parse(case.query.as_bytes()).find(|pair| pair.0 == name).map(|pair| pair.1.into_owned())
}
