//! Text in the encoding that a `charset` names, by the labels of the Encoding Standard.

use encoding_rs::{Encoding, UTF_8};

use super::FormError;
use super::parameters::parameters;

/// The encoding that a Content-Type names; `otherwise` where it names none.
pub(super) fn of(content_type: &str, otherwise: &'static Encoding) -> Result<&'static Encoding, FormError> {
    let label = parameters(content_type).find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    match label.map(|(_, label)| label.trim().to_owned()).filter(|label| !label.is_empty()) {
        None => Ok(otherwise),
        Some(label) => Encoding::for_label_no_replacement(label.as_bytes()).ok_or(FormError::UnsupportedCharset(label)),
    }
}

/// Appends what bytes say; what cannot be read becomes U+FFFD.
pub(super) fn append(bytes: &[u8], encoding: &'static Encoding, text: &mut String) {
    if encoding == UTF_8 {
        return text.push_str(&String::from_utf8_lossy(bytes));
    }
    let mut decoder = encoding.new_decoder_with_bom_removal();
    // `None` is more than there is memory for, and a body has a limit.
    text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or_default());
    let _ = decoder.decode_to_string(bytes, text, true);
}
