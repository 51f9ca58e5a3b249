//! An error with its causes, as whoever reads it would say it: without what drivers say of themselves.

use std::error::Error;

use rusqlite::ErrorCode;

/// The error and what caused it, outermost first.
pub fn causes(error: &anyhow::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    // rusqlite's own cause is a number with the same words again.
    for cause in error.chain().filter(|cause| !cause.is::<rusqlite::ffi::Error>()) {
        let words = plain(&words(cause));
        // Some repeat what they were caused by, others what they caused.
        match told.last() {
            Some(last) if last.ends_with(&words) => {}
            Some(last) if words.contains(last) => _ = told.splice(told.len() - 1.., [words]),
            _ => told.push(words),
        }
    }
    told.join(": ")
}

/// Without the numbers that the system's errors have beside their words.
pub(crate) fn plain(text: &str) -> String {
    let mut pieces = text.split(" (os error ");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once(')').map_or(piece, |(_, rest)| rest))
}

fn words(cause: &(dyn Error + 'static)) -> String {
    #[cfg(feature = "mysql")]
    if let Some(error) = cause.downcast_ref() {
        return of_database(error);
    }
    match cause.downcast_ref() {
        Some(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::NotADatabase => {
            "it is not an SQLite file".to_owned()
        }
        _ => cause.to_string(),
    }
}

/// What the driver wraps in the names of its types.
#[cfg(feature = "mysql")]
fn of_database(error: &mysql::Error) -> String {
    match error {
        mysql::Error::DriverError(mysql::DriverError::CouldNotConnect(Some((address, why, _)))) => {
            let (first, rest) = why.split_at_checked(1).unwrap_or_default();
            format!("could not connect to {address}: {}{rest}", first.to_lowercase())
        }
        mysql::Error::DriverError(error) => error.to_string(),
        mysql::Error::IoError(error) => error.to_string(),
        mysql::Error::MySqlError(error) => error.message.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn numbers_of_errors() {
        assert_eq!(plain("a (os error 2); b (os error 13)"), "a; b");
        assert_eq!(plain("(os error"), "(os error");
    }
}
