//! What is seen of a running program: `Server-Timing`, the counters that SIGUSR2 asks for, the app `status`, and slow
//! requests.

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::{Serving, Site, run};
use crate::servers::process::{debian, wait_for};
use crate::servers::{self, Door};

/// The number in the first place where a text has none in `template`, which says `#` for it.
fn numbers(template: &str, text: &str) -> Vec<f64> {
    let mut rest = text;
    let mut numbers = Vec::new();
    for (index, words) in template.split('#').enumerate() {
        if index > 0 {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            numbers.push(rest[..end].parse().unwrap_or_else(|_| panic!("no number at {rest:?} of {text:?}")));
            rest = &rest[end..];
        }
        rest = rest.strip_prefix(words).unwrap_or_else(|| panic!("no {words:?} at {rest:?} of {text:?}"));
    }
    assert_eq!(rest, "", "{text:?}");
    numbers
}

#[test]
fn server_timing_in_develop_mode_only() {
    let site = Site::with_catalogue();
    let timing = |variables: &[(&str, &str)]| {
        let output = site.run(variables, b"");
        Answer::of_document(&output.stdout, false).field("Server-Timing").map(str::to_owned)
    };
    assert_eq!(timing(&[("QUERY_STRING", "id=A001")]), None);
    let develop = ("DEVELOP_MODE", "1");
    for query in ["id=A001", "name=clock", "q=c", "id=none"] {
        let told = timing(&[("QUERY_STRING", query), develop]).expect(query);
        let times = numbers("lookup;dur=#, total;dur=#", &told);
        assert!(times[0] <= times[1], "{told}");
    }
    numbers("total;dur=#", &timing(&[("QUERY_STRING", ""), develop]).expect("a 400"));
    numbers("total;dur=#", &timing(&[("REQUEST_METHOD", "OPTIONS"), develop]).expect("a 204"));
    numbers("total;dur=#", &timing(&[("SCRIPT_NAME", "/sample"), ("QUERY_STRING", ""), develop]).expect("another app"));
}

#[test]
fn counters() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let line = |number: usize| {
        serving.signal(Signal::USR2);
        let line = wait_for(|| site.log().lines().nth(number).map(str::to_owned)).expect("a line");
        line.split_once("counters: ").expect("the counters").1.to_owned()
    };
    numbers("up # s; connections: 0, open: 0; requests: 0; lookups: 0", &line(0));
    let mut connection = serving.connect();
    for (query, status) in [("id=A001", 200), ("name=clock", 200), ("id=none", 404), ("", 400)] {
        let request = fastcgi::request(1, true, &[("QUERY_STRING".into(), query.into())], b"", WHOLE);
        fastcgi::send(&mut connection, &request, usize::MAX);
        let answer = Answer::of_document(&fastcgi::read_document(&mut connection, 1), false);
        assert_eq!(answer.status, status);
    }
    let told = line(1);
    let template =
        "up # s; connections: 1, open: 1; requests: 4, 200: 2, 400: 1, 404: 1; lookups: 3, p50: # ms, p99: # ms";
    let times = numbers(template, &told);
    assert!(0.0 < times[1] && times[1] <= times[2], "{told}");
}

/// What a `serve` answers, to a request like these variables.
fn ask(serving: &Serving, variables: &[(&str, &str)]) -> Answer {
    let variables: Vec<_> = variables.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    let mut connection = serving.connect();
    fastcgi::send(&mut connection, &fastcgi::request(1, false, &variables, b"", WHOLE), usize::MAX);
    Answer::of_document(&fastcgi::read_document(&mut connection, 1), false)
}

/// The app `status` with this query.
fn status(serving: &Serving, query: &str) -> Answer {
    ask(serving, &[("SCRIPT_NAME", "/wsgi/status"), ("QUERY_STRING", query)])
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).expect("UTF-8")
}

#[test]
fn status_counts_every_request() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[("STATUS", "on")]);
    let mut connection = serving.connect();
    for number in 0..1000 {
        let query = if number % 10 == 0 { "id=none" } else { "id=A001" };
        let request = fastcgi::request(1, true, &[("QUERY_STRING".into(), query.into())], b"", WHOLE);
        fastcgi::send(&mut connection, &request, usize::MAX);
        fastcgi::read_document(&mut connection, 1);
    }
    let told = status(&serving, "");
    let facts: serde_json::Value = serde_json::from_slice(&told.body).expect("JSON");
    let numbers =
        ["requests", "requests_200", "requests_404", "lookups", "connections", "connections_open", "products"];
    assert_eq!(numbers.map(|name| facts[name].as_u64()), [1000, 900, 100, 1000, 2, 2, 10].map(Some), "{facts}");
    assert_eq!(facts["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(facts["catalogue"], site.path("products.db").display().to_string());
    assert!(0.0 < facts["lookup_p50_ms"].as_f64().expect("a time"), "{facts}");
    assert!(facts["lookup_p50_ms"].as_f64() <= facts["lookup_p99_ms"].as_f64(), "{facts}");
    assert_eq!(told.field("Cache-Control"), Some("no-store"));
    assert!(text(&status(&serving, "format=text")).contains("\nrequests: 1001\nrequests_200: 901\n"));
    assert!(text(&status(&serving, "format=html")).contains("<tr><th scope=\"row\">requests</th><td>1002</td></tr>"));
    assert!(text(&status(&serving, "format=csv")).contains("\r\nrequests,1003\r\n"));
    assert_eq!(status(&serving, "format=xml").status, 400);
}

/// As Prometheus asks, and as its own tool reads it.
#[test]
fn status_as_openmetrics() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[("STATUS", "on")]);
    assert_eq!(ask(&serving, &[("QUERY_STRING", "id=A001")]).status, 200);
    let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
    let told = ask(&serving, &[("SCRIPT_NAME", "/status"), ("HTTP_ACCEPT", accept)]);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(told.field("Content-Type"), Some(kind));
    let asked = status(&serving, "format=openmetrics");
    for told in [&told, &asked] {
        assert!(text(told).contains("\nproduct_lookup_lookup_seconds_count 1\n"), "{}", text(told));
        assert!(text(told).contains("\nproduct_lookup_products 10\n"), "{}", text(told));
        let helps: Vec<_> = text(told).lines().filter_map(|line| line.strip_prefix("# HELP product_lookup_")).collect();
        assert_eq!(
            helps,
            [
                "build_info What it is.",
                "uptime_seconds How long it has answered.",
                "connections FastCGI connections that are open.",
                "request_seconds Requests by status, and how long they took.",
                "lookup_seconds How long the catalogue took.",
                "products Products in the catalogue.",
            ]
        );
        assert!(text(told).ends_with("\n# EOF\n"), "{}", text(told));
        let tool = run(Command::new(debian("/usr/bin/promtool")).args(["check", "metrics"]), &told.body);
        assert!(tool.status.success() && tool.stderr.is_empty(), "{tool:?}");
    }
    assert!(text(&asked).contains("\nproduct_lookup_request_seconds_count{status=\"200\"} 2\n"), "{}", text(&asked));
}

/// Within a second, whatever keeps the catalogue from an answer.
#[test]
fn status_is_ready_while_the_catalogue_answers() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[("STATUS", "on")]);
    let ready = || {
        let begun = Instant::now();
        let answer = status(&serving, "ready");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        (answer.status, String::from_utf8(answer.body).expect("UTF-8"))
    };
    let problem = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The catalogue cannot be read at the moment; try again later."}"#;
    let unready = (503, problem.to_owned());
    assert_eq!(ready(), (200, "ready\n".to_owned()));
    let writer = rusqlite::Connection::open(site.path("products.db")).expect("the catalogue");
    writer.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    assert_eq!(ready(), unready);
    writer.execute_batch("ROLLBACK").expect("no lock");
    drop(writer);
    assert_eq!(ready(), (200, "ready\n".to_owned()));
    std::fs::rename(site.path("products.db"), site.path("gone.db")).expect("a new name");
    let missing = ("PRODUCTS_DB", "/none/products.db");
    let gone = ask(&serving, &[("SCRIPT_NAME", "/wsgi/status.py"), ("QUERY_STRING", "ready"), missing]);
    assert_eq!(gone.status, 503);
}

#[test]
fn status_tells_nothing_where_it_is_off() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    for query in ["", "ready", "format=openmetrics"] {
        let answer = status(&serving, query);
        assert_eq!(answer.status, 404, "{query}");
        assert!(text(&answer).contains("The status is not shown here: STATUS is off."), "{}", text(&answer));
    }
    // It is the site's setting; and data in a path is no app.
    let on = [("SCRIPT_NAME", "/wsgi/status"), ("STATUS", "1"), ("QUERY_STRING", "ready")];
    assert_eq!(ask(&serving, &on).status, 200);
    let product = [("SCRIPT_NAME", "/wsgi/myapp.py"), ("PATH_INFO", "/status"), ("STATUS", "1")];
    assert!(text(&ask(&serving, &product)).contains(r#"No product has the id \"status\"."#));
}

/// Each process of mod_fcgid's tells of itself alone.
#[test]
fn status_behind_apache() {
    let directives = "Define PRODUCT_LOOKUP_STATUS on\n".to_owned();
    let server = servers::start(Door::Fcgid, &servers::Site { directives, ..Default::default() });
    let told = servers::http::get(server.addr, "/wsgi/status?format=text");
    let note = "note: of this process alone: the web server may have others, each of which counts for itself\n";
    assert!(String::from_utf8_lossy(&told.body).ends_with(note), "{}", String::from_utf8_lossy(&told.body));
    assert_eq!(servers::http::get(server.addr, "/wsgi/status?ready").status, 200);
    let refused = servers::http::get(server.addr, "/wsgi/status?format=openmetrics");
    assert_eq!(refused.status, 400);
    let why = "OpenMetrics are for serve; here they would be of this process alone: the web server may have others, \
               each of which counts for itself.";
    assert!(String::from_utf8_lossy(&refused.body).contains(why), "{:?}", String::from_utf8_lossy(&refused.body));
}

#[test]
fn slow_requests_are_told() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[("SLOW_MS", "100")]);
    let writer = rusqlite::Connection::open(site.path("products.db")).expect("the catalogue");
    writer.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    let mut connection = serving.connect();
    let long = format!("id=A001&x=a b\n{}", "x".repeat(2000));
    let variables = [
        ("REQUEST_METHOD", "GET"),
        ("SCRIPT_NAME", "/wsgi/myapp.py"),
        ("QUERY_STRING", &long),
        ("REMOTE_USER", "ann; UNIQUE_ID: forged"),
        ("UNIQUE_ID", "Zx1"),
        ("HTTP_COOKIE", "secret"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    fastcgi::send(&mut connection, &fastcgi::request(1, false, &variables, b"", WHOLE), usize::MAX);
    connection.set_read_timeout(Some(Duration::from_millis(150))).expect("a time limit");
    connection.read_exact(&mut [0]).expect_err("it waits for the writer");
    writer.execute_batch("ROLLBACK").expect("no lock");
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    assert_eq!(Answer::of_document(&fastcgi::read_document(&mut connection, 1), false).status, 200);
    // What is not slow has none.
    assert_eq!(ask(&serving, &[("SCRIPT_NAME", "/sample")]).status, 200);
    let log = site.log();
    let cut = format!("{}...", &long.replace(' ', "%20").replace('\n', "\\x0a")[..1024 + 5]);
    let template = format!(
        "slow: # ms (lookup # ms): GET /wsgi/myapp.py?{cut}; REMOTE_USER: ann;%20UNIQUE_ID:%20forged; UNIQUE_ID: Zx1\n"
    );
    let (first, rest) = template.split_once("A001").expect("the id");
    let (_, line) = log.split_at_checked("2026-11-26 00:00:00 ".len()).expect("a time");
    let (told, others) = line.split_once("A001").expect("the id");
    let times = numbers(first, told);
    assert!(times[0] >= times[1] && times[1] >= 100.0, "{log}");
    assert_eq!(others, rest);
}
