//! The debug log: literal lines, nothing forged, nothing torn.

use std::fs;

use crate::program::Site;

const BODY: &str = "--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n--B--\r\n";
const POST: [(&str, &str); 3] =
    [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "multipart/form-data; boundary=B"), ("CONTENT_LENGTH", "63")];

/// The log without its dates, which are checked for their form.
fn undated(log: &str) -> Vec<&str> {
    log.lines()
        .map(|line| {
            let (date, message) = line.split_at(20);
            chrono::NaiveDateTime::parse_from_str(date, "%Y-%m-%d %H:%M:%S ").expect("a date and a time");
            message
        })
        .collect()
}

fn with<'a>(variables: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [variables, more].concat()
}

#[test]
fn a_get_and_a_post_without_develop_mode() {
    let site = Site::with_catalogue();
    assert_eq!(BODY.len(), 63);
    for develop in [&[][..], &[("DEVELOP_MODE", "off")], &[("DEVELOP_MODE", "0")], &[("DEVELOP_MODE", "")]] {
        let _ = fs::remove_file(site.path("log/debug.log"));
        site.run(&with(&[("QUERY_STRING", "id=A001")], develop), b"");
        site.run(&with(&POST, develop), BODY.as_bytes());
        site.run(&with(&[("QUERY_STRING", "id=none")], develop), b"");
        assert_eq!(undated(&site.log()), ["content_len: 63", "no of lines: 6"]);
    }
}

#[test]
fn a_get_and_a_post_in_develop_mode() {
    let site = Site::with_catalogue();
    for on in ["1", "true", "on", "yes", "TRUE"] {
        let _ = fs::remove_file(site.path("log/debug.log"));
        site.run(&[("QUERY_STRING", "id=A001"), ("DEVELOP_MODE", on)], b"");
        site.run(&with(&POST, &[("DEVELOP_MODE", on)]), BODY.as_bytes());
        site.run(&[("QUERY_STRING", "id=none&x=&a=1&a=it's"), ("DEVELOP_MODE", on)], b"");
        assert_eq!(
            undated(&site.log()),
            [
                "QUERY_STRING: id=A001",
                "qs: {'id': ['A001']}",
                "content_len: 63",
                "no of lines: 6",
                r#"wsgi.input: b'--B\r\nContent-Disposition: form-data; name="id"\r\n\r\nA002\r\n--B--\r\n'"#,
                "POST data: {'id': 'A002'}",
                "QUERY_STRING: id=none&x=&a=1&a=it's",
                r#"qs: {'id': ['none'], 'a': ['1', "it's"]}"#,
                r#"error: 404: No product has the id "none"."#,
            ]
        );
    }
}

#[test]
fn errors_of_the_server_are_logged_and_told_on_stderr() {
    let site = Site::new();
    let missing = site.path("missing.db").display().to_string();
    let output = site.run(&[("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", &missing)], b"");
    let causes = format!("the catalogue {missing} cannot be read: the file cannot be found: No such file or directory");
    assert_eq!(undated(&site.log()), [format!("error: 503: {causes}")]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("product-lookup: {causes}\n"));
    let document = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(document.starts_with("Status: 503 Service Unavailable\r\n") && document.contains("\r\nRetry-After: 5\r\n"));
    let detail = "The catalogue cannot be read at the moment; try again later.";
    assert!(document.ends_with(&format!(
        "\r\n\r\n{{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"{detail}\"}}"
    )));
    let output = site.run(&[("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", &missing), ("DEVELOP_MODE", "1")], b"");
    assert!(String::from_utf8_lossy(&output.stdout).ends_with(&format!("\"detail\":\"{detail} ({causes})\"}}")));
}

/// Nothing that a client sends starts a line, and no line is without end.
#[test]
fn lines_cannot_be_forged() {
    let site = Site::with_catalogue();
    let forged = "id=x%0a2026-01-01%2000:00:00%20forged%0d%1b%5b2J%c2%85%e2%80%a8%00";
    site.run(
        &[
            ("QUERY_STRING", forged),
            ("DEVELOP_MODE", "1"),
            ("HTTP_COOKIE", "secret=1"),
            ("HTTP_AUTHORIZATION", "secret"),
        ],
        b"",
    );
    site.run(&[("QUERY_STRING", "a\nb\rforged"), ("DEVELOP_MODE", "1")], b"");
    assert_eq!(
        undated(&site.log()),
        [
            format!("QUERY_STRING: {forged}").as_str(),
            r"qs: {'id': ['x\n2026-01-01 00:00:00 forged\r\x1b[2J\x85\u2028\x00']}",
            r#"error: 404: No product has the id "x\x0a2026-01-01 00:00:00 forged\x0d\x1b[2J\x85\u2028\x00"."#,
            r"QUERY_STRING: a\x0ab\x0dforged",
            "qs: {}",
            "error: 400: Add one of: id (a product's id), ids (several), name (its exact name), q (a search).",
        ]
    );
    fs::remove_file(site.path("log/debug.log")).expect("a log");
    let body = format!("id=A001&x={}", "'\u{e9}\"\\".repeat(20_000));
    let length = body.len().to_string();
    let variables = [
        ("REQUEST_METHOD", "POST"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("CONTENT_LENGTH", length.as_str()),
        ("DEVELOP_MODE", "1"),
    ];
    site.run(&variables, body.as_bytes());
    let log = site.log();
    let lines = undated(&log);
    assert_eq!(lines.len(), 4);
    assert!(lines[2].starts_with(r#"wsgi.input: b'id=A001&x=\'\xc3\xa9"\\\'\xc3"#), "{}", &lines[2][..60]);
    assert!(lines[2].ends_with("... (100010 bytes in all)"));
    assert!(lines[3].starts_with(r#"POST data: {'id': 'A001', 'x': '\'é"\\"#) && lines[3].ends_with(" bytes in all)"));
    assert!(lines.iter().all(|line| line.len() < 20_000));
}

/// Whatever a line tells of what a client sent, and however much that was.
#[test]
fn every_line_is_cut() {
    let site = Site::with_catalogue();
    let long = "x".repeat(1_000_000);
    let post = |content_type: &str, body: &str| {
        let length = body.len().to_string();
        let variables = [
            ("REQUEST_METHOD", "POST"),
            ("CONTENT_TYPE", content_type),
            ("CONTENT_LENGTH", &length),
            ("DEVELOP_MODE", "1"),
        ];
        let _ = fs::remove_file(site.path("log/debug.log"));
        site.run(&variables, body.as_bytes());
        site.log()
    };
    let log = post("application/json", &format!("\"{long}\""));
    let lines = undated(&log);
    assert_eq!(lines[..2], ["content_len: 1000002", "no of lines: 1"]);
    assert_eq!(lines[2], format!("wsgi.input: b'\"{}'... (1000002 bytes in all)", "x".repeat(4095)));
    assert!(lines[3].starts_with("error: 400: ") && lines[3].len() < 4200, "{} bytes", lines[3].len());
    // A character that does not fit as a whole is left out, and so is all that follows it.
    let log = post("application/x-www-form-urlencoded", &format!("{}\u{e9}y=1", "x".repeat(4082)));
    assert_eq!(undated(&log)[3], format!("POST data: {{'{}... (4105 bytes in all)", "x".repeat(4082)));
    let fields: Vec<String> = (0..10_000).map(|number| format!("n{number}=v{number}")).collect();
    let log = post("application/x-www-form-urlencoded", &fields.join("&"));
    let line = undated(&log)[3];
    assert!(line.starts_with("POST data: {'n0': 'v0', 'n1': 'v1', 'n2': 'v2', "), "{line}");
    assert!(line.ends_with("... (177791 bytes in all)"), "{line}");
    assert_eq!(line.len(), 4096 + "... (177791 bytes in all)".len());
    // Named again, a name stays where it was.
    let query = [("QUERY_STRING", "b=1&a=%20&b=&b=2&a=%203%20&c="), ("DEVELOP_MODE", "1")];
    site.run(&query, b"");
    let log = site.log();
    assert_eq!(undated(&log)[6], "qs: {'b': ['1', '2'], 'a': [' ', ' 3 ']}");
    let log = post("application/x-www-form-urlencoded", query[0].1);
    assert_eq!(undated(&log)[3], "POST data: {'b': '1', 'a': '3', 'c': ''}");
}

/// The reply is the same, and stderr has one line, with the command that mends it.
#[test]
fn a_log_that_cannot_be_written_costs_no_reply() {
    let site = Site::with_catalogue();
    let writable = site.run(&POST, BODY.as_bytes());
    assert_eq!(writable.stderr, b"");
    // A file where the directory should be: not writable for root either.
    fs::write(site.path("file"), "").expect("a file");
    let log = site.path("file/debug.log").display().to_string();
    let output = site.run(&with(&POST, &[("DEBUG_LOG", &log)]), BODY.as_bytes());
    assert_eq!(output.stdout, writable.stdout);
    let directory = site.path("file").display().to_string();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!(
            "product-lookup: the debug log {log} cannot be written (Not a directory); to let the web \
             server's user write it: mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}\n"
        )
    );
}

/// A rotated or deleted log is written anew by a process that lives on; a directory is made.
#[test]
fn rotation_needs_no_restart() {
    use crate::fastcgi_client::{self as fastcgi, WHOLE};
    let site = Site::with_catalogue();
    let log = site.path("a/b/c.log");
    let log_path = log.display().to_string();
    let serving = site.serve(&[("DEBUG_LOG", &log_path), ("DEVELOP_MODE", "1")]);
    for number in 0..3 {
        let query = format!("id={number}");
        let mut connection = serving.connect();
        fastcgi::send(
            &mut connection,
            &fastcgi::request(1, false, &[("QUERY_STRING".into(), query.into())], b"", WHOLE),
            usize::MAX,
        );
        fastcgi::read_document(&mut connection, 1);
        let written = fs::read_to_string(&log).expect("a log");
        assert_eq!(undated(&written)[0], format!("QUERY_STRING: id={number}"));
        assert_eq!(written.lines().count(), 3);
        match number {
            0 => fs::rename(&log, site.path("a/b/c.log.1")).expect("rotated"),
            _ => fs::remove_dir_all(site.path("a")).expect("deleted"),
        }
    }
}

/// 8 processes with 1,000 requests each, and 8 threads in each: no line is torn or mixed.
#[test]
fn many_processes_write_one_log() {
    use crate::fastcgi_client::{self as fastcgi, WHOLE};
    let site = Site::with_catalogue();
    let log = site.path("log/debug.log").display().to_string();
    let processes: Vec<_> = (0..8)
        .map(|number| {
            let mut command = site.command();
            command.envs([("DEVELOP_MODE", "1"), ("DEBUG_LOG", &log)]);
            crate::program::Serving::start(
                command,
                &format!("unix:{}", site.path(&format!("socket{number}")).display()),
            )
        })
        .collect();
    let body = |process: usize, number: usize| format!("id=P{process}N{number}&x={}", "x".repeat(1 + number % 700));
    std::thread::scope(|scope| {
        for (process, serving) in processes.iter().enumerate() {
            for thread in 0..8 {
                scope.spawn(move || {
                    let mut connection = serving.connect();
                    for number in (thread..1000).step_by(8) {
                        let pairs = [
                            ("REQUEST_METHOD".into(), "POST".into()),
                            ("CONTENT_TYPE".into(), "application/x-www-form-urlencoded".into()),
                        ];
                        let request = fastcgi::request(1, true, &pairs, body(process, number).as_bytes(), WHOLE);
                        fastcgi::send(&mut connection, &request, usize::MAX);
                        fastcgi::read_document(&mut connection, 1);
                    }
                });
            }
        }
    });
    let mut expected = std::collections::BTreeSet::new();
    for process in 0..8 {
        for number in 0..1000 {
            let (body, value) = (body(process, number), "x".repeat(1 + number % 700));
            expected.insert([
                format!("content_len: {}", body.len()),
                "no of lines: 1".to_owned(),
                format!("wsgi.input: b'{body}'"),
                format!("POST data: {{'id': 'P{process}N{number}', 'x': '{value}'}}"),
                format!("error: 404: No product has the id \"P{process}N{number}\"."),
            ]);
        }
    }
    let log = site.log();
    let lines = undated(&log);
    assert_eq!(lines.len(), 40_000);
    for lines in lines.chunks(5) {
        assert!(expected.remove(&[0, 1, 2, 3, 4].map(|line: usize| lines[line].to_owned())), "{lines:?}");
    }
    assert!(expected.is_empty());
}

/// Settings that cannot be parsed: one line that names each, and its default.
#[test]
fn settings_that_cannot_be_parsed() {
    let site = Site::with_catalogue();
    let output = site.run(
        &[("QUERY_STRING", "id=A001"), ("DEVELOP_MODE", "maybe"), ("CACHE_SECONDS", "-1"), ("MAX_BODY_BYTES", "1k")],
        b"",
    );
    let mut lines: Vec<&str> = std::str::from_utf8(&output.stderr).expect("UTF-8").lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "product-lookup: CACHE_SECONDS=\"-1\" cannot be parsed; its default holds: 0",
            "product-lookup: DEVELOP_MODE=\"maybe\" cannot be parsed; its default holds: off",
            "product-lookup: MAX_BODY_BYTES=\"1k\" cannot be parsed; its default holds: 1048576",
        ]
    );
    let cached = site.run(&[("QUERY_STRING", "id=A001"), ("CACHE_SECONDS", " 60 ")], b"");
    assert!(String::from_utf8_lossy(&cached.stdout).contains("\r\nCache-Control: public, max-age=60\r\n"));
}
