//! The conversation as the FastCGI specification tells it (sections 4 to 6): what must answer all the bytes that a
//! connection will ever carry. It has nothing of the program's own reader in it, and all the time and memory that
//! it likes.

use product_lookup::gateway::Handler;
use product_lookup::gateway::body::BodyError;
use product_lookup::gateway::request::{Params, Request};

use super::conversation::{BODY_BYTES, Echo};
use super::pairs;
use crate::answer::Answer;
use crate::fastcgi_client::{ABORT_REQUEST, BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, pair, record};

const GET_VALUES: u8 = 9;
const GET_VALUES_RESULT: u8 = 10;
const UNKNOWN_TYPE: u8 = 11;

/// How a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer closed between two requests.
    Quiet,
    /// We close after a reply.
    Closed,
    /// The peer broke the protocol, or off in the middle of something.
    Broken,
}

/// A request that has begun.
struct Begun {
    id: u16,
    keep: bool,
    pairs: Vec<u8>,
    params: Option<Vec<(Vec<u8>, Vec<u8>)>>,
    body: Vec<u8>,
    /// Has STDIN ended before what was announced had come?
    cut: bool,
}

impl Begun {
    /// Bytes that are announced, where they are.
    fn announced(&self) -> Option<u64> {
        announced(self.params.as_ref()?).and_then(Result::ok)
    }

    fn answered(&self) -> Option<Step> {
        let params = self.params.as_ref()?;
        let out = [respond(self.id, params, &self.body), end(self.id, 0)].concat();
        Some(Step { out, close: !self.keep, early: false })
    }
}

/// What one record gives.
struct Step {
    out: Vec<u8>,
    /// Does the conversation end with it?
    close: bool,
    /// And before its padding is read?
    early: bool,
}

impl Step {
    fn out(out: Vec<u8>) -> Option<Step> {
        Some(Step { out, close: false, early: false })
    }

    fn nothing() -> Option<Step> {
        Step::out(Vec::new())
    }
}

/// What is answered, and how the conversation ends.
pub fn answer(mut input: &[u8]) -> (Vec<u8>, End) {
    let mut out = Vec::new();
    let mut begun = None;
    loop {
        if input.is_empty() && begun.is_none() {
            return (out, End::Quiet);
        }
        let Some((&[version, kind, id1, id0, length1, length0, padding, _], rest)) = input.split_first_chunk() else {
            // The connection's end is the end of a body that was cut.
            return match begun.filter(|begun: &Begun| begun.cut).and_then(|begun| begun.answered()) {
                Some(step) => ([out, step.out].concat(), End::Closed),
                None => (out, End::Broken),
            };
        };
        if version != 1 {
            return (out, End::Broken);
        }
        let length = usize::from(u16::from_be_bytes([length1, length0]));
        let Some((content, rest)) = rest.split_at_checked(length) else { return (out, End::Broken) };
        let Some(step) = step(&mut begun, kind, u16::from_be_bytes([id1, id0]), content) else {
            return (out, End::Broken);
        };
        if step.early {
            out.extend(step.out);
            return (out, End::Closed);
        }
        let Some(rest) = rest.get(padding.into()..) else { return (out, End::Broken) };
        out.extend(step.out);
        if step.close {
            return (out, End::Closed);
        }
        input = rest;
    }
}

/// `None` where the record breaks the protocol.
fn step(begun: &mut Option<Begun>, kind: u8, id: u16, content: &[u8]) -> Option<Step> {
    match (kind, id) {
        (BEGIN_REQUEST, _) => return begin(begun, id, content),
        (GET_VALUES, 0) => {
            let asked = pairs::decode(content)?;
            let known = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"];
            let known = known.into_iter().filter(|known| asked.iter().any(|pair| pair.0 == known.as_bytes()));
            let value = |name| if name == "FCGI_MPXS_CONNS" { "0" } else { "4096" };
            let known: Vec<u8> = known.flat_map(|name| pair(name.as_bytes(), value(name).as_bytes())).collect();
            return Step::out(record(GET_VALUES_RESULT, 0, &known, 0));
        }
        (_, 0) => return Step::out(record(UNKNOWN_TYPE, 0, &[kind, 0, 0, 0, 0, 0, 0, 0], 0)),
        _ => {}
    }
    let Some(request) = begun.as_mut().filter(|begun| begun.id == id) else { return Step::nothing() };
    match (kind, &request.params) {
        (PARAMS, Some(_)) | (STDIN, None) => None,
        (PARAMS, None) if content.is_empty() => {
            request.params = Some(pairs::decode(&request.pairs)?);
            answer_if_complete(begun)
        }
        (PARAMS, None) => {
            request.pairs.extend(content);
            Step::nothing()
        }
        (STDIN, Some(_)) if content.is_empty() => {
            request.cut = request.announced().is_some();
            if request.cut { Step::nothing() } else { begun.take()?.answered() }
        }
        (STDIN, Some(_)) => {
            request.body.extend(content);
            answer_if_complete(begun)
        }
        (ABORT_REQUEST, _) => {
            let close = !request.keep;
            *begun = None;
            Some(Step { out: end(id, 0), close, early: close })
        }
        _ => Step::nothing(),
    }
}

/// Nothing more is waited for where all that was announced has come.
fn answer_if_complete(begun: &mut Option<Begun>) -> Option<Step> {
    let complete = |begun: &mut Begun| begun.announced().is_some_and(|length| begun.body.len() as u64 >= length);
    begun.take_if(complete).map_or_else(Step::nothing, |begun| begun.answered())
}

fn begin(begun: &mut Option<Begun>, id: u16, content: &[u8]) -> Option<Step> {
    let &[role1, role0, flags, _, _, _, _, _] = content else { return None };
    let keep = flags & 1 == 1;
    match begun {
        _ if id == 0 => None,
        Some(begun) if begun.id == id => None,
        Some(_) => Step::out(end(id, 1)),
        None if (role1, role0) != (0, 1) => Some(Step { out: end(id, 3), close: !keep, early: !keep }),
        None => {
            *begun = Some(Begun { id, keep, pairs: Vec::new(), params: None, body: Vec::new(), cut: false });
            Step::nothing()
        }
    }
}

fn end(id: u16, protocol_status: u8) -> Vec<u8> {
    record(END_REQUEST, id, &[0, 0, 0, 0, protocol_status, 0, 0, 0], 0)
}

/// The records of the reply's document.
fn respond(id: u16, pairs: &[(Vec<u8>, Vec<u8>)], sent: &[u8]) -> Vec<u8> {
    let mut params = Params::default();
    pairs.iter().for_each(|(name, value)| params.push(name, value));
    let value = |wanted: &[u8]| pairs.iter().rfind(|pair| pair.0 == wanted).map(|pair| pair.1.as_slice());
    let head = value(b"REQUEST_METHOD") == Some(b"HEAD");
    let request = Request { params, body: body(announced(pairs), sent).map(Into::into) };
    let mut document = Vec::new();
    Echo.handle(&request).expect("a reply").write(head, &mut document);
    Answer::of_document(&document, head);
    let mut out: Vec<u8> = document.chunks(65_535).flat_map(|piece| record(STDOUT, id, piece, 0)).collect();
    out.extend(record(STDOUT, id, b"", 0));
    out
}

/// What `CONTENT_LENGTH` says, where it was sent; `-1` is how Caddy says nothing.
fn announced(pairs: &[(Vec<u8>, Vec<u8>)]) -> Option<Result<u64, BodyError>> {
    let (_, length) = pairs.iter().rfind(|pair| pair.0 == b"CONTENT_LENGTH")?;
    if length.is_empty() || length == b"-1" {
        return None;
    }
    let digit = |digit: &u8| digit.is_ascii_digit().then(|| u64::from(digit - b'0'));
    let more = |length: u64, digit| Some(length.saturating_mul(10).saturating_add(digit?));
    Some(length.iter().map(digit).try_fold(0, more).ok_or(BodyError::LengthMalformed))
}

/// The body, of which `CONTENT_LENGTH` is the measure where it was sent.
fn body(announced: Option<Result<u64, BodyError>>, sent: &[u8]) -> Result<Vec<u8>, BodyError> {
    let most = sent.len() as u64;
    let length = announced.unwrap_or(Ok(most))?;
    if length > BODY_BYTES as u64 {
        Err(BodyError::TooLong { limit: BODY_BYTES })
    } else if length > most {
        Err(BodyError::Incomplete { announced: length, received: most })
    } else {
        Ok(sent[..length as usize].to_vec())
    }
}
