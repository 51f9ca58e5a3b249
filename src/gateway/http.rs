//! Requests and replies as the `http` crate has them (feature `http`).

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};

use crate::failure::{Failure, IntoReply};
use crate::reply::Reply;
use crate::request::{BodyError, Params, Request};

/// A request as the `http` crate has it, with the CGI variables ([`Params`]) as an extension, where `REMOTE_USER` and
/// its like are: a header field of that name would be the client's own.
///
/// The path is `SCRIPT_NAME` followed by `PATH_INFO`, which servers split differently. What cannot be a method, a
/// path or a field is left out, since the web server has let it through.
///
/// ```
/// use cgi_responder::{Params, Request};
///
/// let params = Params::from_iter([("SCRIPT_NAME", "/shop"), ("PATH_INFO", "/caf\u{e9} 1"), ("QUERY_STRING", "a=1")]);
/// let request = cgi_responder::http::request(&Request { params, body: Ok(Default::default()) })?;
/// assert_eq!(request.uri(), "/shop/caf%C3%A9%201?a=1");
/// # Ok::<(), cgi_responder::BodyError>(())
/// ```
///
/// # Errors
/// Why there is no body.
pub fn request(request: &Request) -> Result<http::Request<Bytes>, BodyError> {
    let body = request.body.clone()?;
    let params = &request.params;
    let length = body.len();
    let mut converted = http::Request::new(body);
    if let Ok(method) = http::Method::from_bytes(request.method()) {
        *converted.method_mut() = method;
    }
    let path = [params.value("SCRIPT_NAME"), params.value("PATH_INFO")].map(Option::unwrap_or_default).concat();
    if let Ok(uri) = uri(&path, request.query()).parse() {
        *converted.uri_mut() = uri;
    }
    let names = params.iter().filter_map(|(name, value)| Some((field(name)?, HeaderValue::from_bytes(value).ok()?)));
    converted.headers_mut().extend(names.filter(|(_, value)| !value.is_empty()));
    converted.headers_mut().remove(CONTENT_LENGTH);
    if length > 0 {
        converted.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    let kept: &mut http::Extensions = converted.extensions_mut();
    kept.insert::<Params>(params.clone());
    Ok(converted)
}

/// The header field that a CGI variable stands for (RFC 3875, section 4.1.18).
fn field(variable: &[u8]) -> Option<HeaderName> {
    let name = match variable {
        b"CONTENT_TYPE" => variable,
        _ => variable.strip_prefix(b"HTTP_")?,
    };
    let name: Vec<u8> = name.iter().map(|&byte| if byte == b'_' { b'-' } else { byte }).collect();
    HeaderName::from_bytes(&name).ok()
}

/// The path is decoded, and the query is not (RFC 3875, sections 4.1.5 and 4.1.7).
fn uri(path: &[u8], query: &[u8]) -> String {
    let mut uri = String::new();
    let mut push = |byte: u8, plain: &[u8]| match byte {
        byte if byte.is_ascii_alphanumeric() || plain.contains(&byte) => uri.push(byte.into()),
        byte => uri.push_str(&format!("%{byte:02X}")),
    };
    // What else may stand in a path, or a query (RFC 3986, section 3.3).
    path.iter().for_each(|&byte| push(byte, b"-._~!$&'()*+,;=:@/"));
    if !query.is_empty() {
        push(b'?', b"?");
        query.iter().for_each(|&byte| push(byte, b"-._~!$&'()*+,;=:@/?%"));
    }
    if uri.starts_with('/') { uri } else { format!("/{uri}") }
}

impl<B: Into<Vec<u8>>> From<http::Response<B>> for Reply {
    fn from(response: http::Response<B>) -> Reply {
        let (head, body) = response.into_parts();
        let mut reply = Reply::empty(head.status.as_u16());
        for (name, value) in &head.headers {
            reply = reply.with(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
        reply.body = body.into();
        reply
    }
}

impl<B: Into<Vec<u8>>> IntoReply for http::Response<B> {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(self.into())
    }
}
