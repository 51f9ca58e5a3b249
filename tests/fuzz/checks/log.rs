//! The debug log: each line that a request wrote must be whole, its own, and no longer than it may be.

/// Bytes of a line at most: 4096 of the client's, each of which may be escaped as `\x00`.
const LINE_BYTES: usize = 4 * 4096 + 100;

pub fn check(log: &[u8], status: u16, develop_mode: bool) {
    let log = str::from_utf8(log).expect("UTF-8");
    assert!(log.is_empty() || log.ends_with('\n'), "the last line ends: {log}");
    let lines: Vec<&str> = log.split_terminator('\n').collect();
    assert!(lines.len() <= 5, "no request has more than five lines: {log}");
    for line in &lines {
        let shape: String = line.chars().take(20).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00 00:00:00 ", "{log}");
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        assert!(!line.contains(breaks), "{line:?}");
        let message = &line[20..];
        let starts =
            ["content_len: ", "no of lines: ", "wsgi.input: b", "POST data: {", "QUERY_STRING: ", "qs: {", "error: "];
        assert!(starts.iter().any(|start| message.starts_with(start)), "{line}");
        assert!(line.len() <= LINE_BYTES, "a line of {} bytes: {}", line.len(), &message[..12]);
    }
    let errors = lines.iter().filter(|line| line[20..].starts_with("error: ")).count();
    assert!(errors <= 1 && (status >= 400 || errors == 0), "{log}");
    if develop_mode && status >= 400 {
        let last = lines.last().expect("a failure is logged");
        assert!(last[20..].starts_with(&format!("error: {status}: ")), "and that comes last: {log}");
    }
}
