//! What is seen of a running program: `Server-Timing`, and the counters that SIGUSR2 asks for.

use rustix::process::Signal;

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::Site;
use crate::servers::process::wait_for;

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
