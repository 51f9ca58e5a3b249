//! A `multipart/form-data` body (RFC 7578) as a form, by multer over the body in memory.

use std::convert::Infallible;

use futures_util::stream;
use multer::{Field, Multipart, bytes::Bytes, parse_boundary};

use super::{Form, FormError};

/// Characters of a boundary at most (RFC 2046, section 5.1.1).
const BOUNDARY_CHARS: usize = 70;

/// Reads the whole body. It is in memory already, so nothing here ever waits.
pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Form, FormError> {
    let boundary = parse_boundary(content_type).map_err(|_| malformed("The Content-Type names no boundary."))?;
    if boundary.is_empty() || boundary.len() > BOUNDARY_CHARS {
        return Err(malformed("The boundary is not 1 to 70 characters long."));
    }
    pollster::block_on(fields(Multipart::new(
        stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(body))]),
        boundary,
    )))
}

async fn fields(mut multipart: Multipart<'_>) -> Result<Form, FormError> {
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.map_err(why)? {
        let Some(name) = field.name().map(str::to_owned).or_else(|| ends_in_backslash(&field)) else {
            return Err(malformed("A part of the body has no name."));
        };
        // A file is no parameter, and may be of any kind.
        let file = field.file_name().is_some();
        let value = field.bytes().await.map_err(why)?;
        if !file {
            form.push(name, String::from_utf8_lossy(&value).into_owned())?;
        }
    }
    Ok(form)
}

/// A name that ends in a backslash, which browsers send as it is, and multer takes for the escape
/// of the closing quote.
fn ends_in_backslash(field: &Field) -> Option<String> {
    let disposition = String::from_utf8_lossy(field.headers().get("content-disposition")?.as_bytes());
    let (_, name) = disposition.split_once("; name=\"")?;
    name.strip_suffix('"').filter(|name| name.ends_with('\\')).map(str::to_owned)
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
        _ => "The body is no multipart/form-data.",
    })
}
