//! A `multipart/form-data` body (RFC 7578) as a form, by multer over the body in memory.

use std::convert::Infallible;

use bytes::Bytes;
use encoding_rs::Encoding;
use futures_util::stream;
use multer::{Field, Multipart};

use super::parameters::parameters;
use super::{Form, FormError, NAMES, charset, list_name};

/// Characters of a boundary at most (RFC 2046, section 5.1.1).
const BOUNDARY_CHARS: usize = 70;

/// Reads the whole body. It is in memory already, so nothing here ever waits.
pub(super) fn read(content_type: &str, encoding: &'static Encoding, body: &Bytes) -> Result<Form, FormError> {
    let boundary = parameters(content_type).find(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    let (_, boundary) = boundary.ok_or_else(|| malformed("The Content-Type names no boundary."))?;
    if boundary.is_empty() || boundary.len() > BOUNDARY_CHARS {
        return Err(malformed("The boundary is not 1 to 70 characters long."));
    }
    let body = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let multipart = Multipart::new(body, boundary.as_str());
    pollster::block_on(fields(multipart, format!("--{boundary}").as_bytes(), encoding))
}

async fn fields(
    mut multipart: Multipart<'_>,
    delimiter: &[u8],
    encoding: &'static Encoding,
) -> Result<Form, FormError> {
    let mut form = Form::default();
    while let Some(mut field) = multipart.next_field().await.map_err(why)? {
        let Disposition { name: Some(name), file } = Disposition::of(&field) else {
            return Err(malformed("A part of the body has no name."));
        };
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(why)? {
            value.extend_from_slice(&chunk);
        }
        // multer overlooks a boundary right after the headers, and takes the next part for the value.
        if value.starts_with(delimiter) {
            return Err(malformed("A part of the body ends with its headers."));
        }
        // A file is no parameter, and may be of any kind.
        if file {
            form.file = form.file.or_else(|| NAMES.into_iter().find(|known| *known == list_name(&name)));
            continue;
        }
        let content_type = field.headers().get("content-type").map_or(&b""[..], |value| value.as_bytes());
        let encoding = charset::of(&String::from_utf8_lossy(content_type), encoding)?;
        form.add(|text| text.push_str(&name), |text| charset::append(&value, encoding, text))?;
    }
    Ok(form)
}

/// What a part's Content-Disposition says. multer's own reader finds a `filename` in a name, stops at
/// a `filename*`, and misses a name that is not UTF-8.
#[derive(Default)]
struct Disposition {
    name: Option<String>,
    file: bool,
}

impl Disposition {
    fn of(field: &Field) -> Disposition {
        let header = field.headers().get("content-disposition").map_or(&b""[..], |value| value.as_bytes());
        let mut disposition = Disposition::default();
        for (parameter, value) in parameters(&String::from_utf8_lossy(header)) {
            match parameter.to_ascii_lowercase().as_str() {
                "name" => _ = disposition.name.get_or_insert(value),
                // The latter is not for forms (RFC 7578, section 4.2), yet some clients send no other.
                "filename" | "filename*" => disposition.file = true,
                _ => {}
            }
        }
        disposition
    }
}

fn malformed(how: &str) -> FormError {
    FormError::Malformed(how.to_owned())
}

fn why(error: multer::Error) -> FormError {
    use multer::Error::*;
    malformed(match error {
        IncompleteStream | IncompleteFieldData { .. } => "The body ends before its closing boundary.",
        IncompleteHeaders | ReadHeaderFailed(_) | DecodeHeaderName { .. } | DecodeHeaderValue { .. } => {
            "A part of the body has malformed headers."
        }
        _ => "The body is not multipart/form-data.",
    })
}
