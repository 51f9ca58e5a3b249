//! FastCGI clients that others wrote get the same answers.

use std::process::Command;

use fastcgi_client::{Client, Params, Request};
use tokio::net::UnixStream;

use crate::answer::Answer;
use crate::program::{Site, run};

const CLOCK: &[u8] = br#"{"name":"Clock","price":12}"#;
const BI_NOCULARS: &[u8] = br#"{"name":"Bi-Noculars","price":40}"#;
const BODY: &[u8] = b"--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n--B--\r\n";

/// cgi-fcgi of Debian's libfcgi-bin, which is the FastCGI developer's kit itself.
#[test]
fn cgi_fcgi() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let socket = serving.address.strip_prefix("unix:").expect("a unix socket");
    let ask = |variables: &[(&str, &str)], stdin: &[u8]| {
        let mut command = Command::new("/usr/bin/cgi-fcgi");
        command.env_clear().envs(variables.iter().copied()).args(["-bind", "-connect", socket]);
        Answer::of_document(&run(&mut command, stdin).stdout, false)
    };
    assert_eq!(ask(&[("REQUEST_METHOD", "GET"), ("QUERY_STRING", "id=A001")], b"").body, CLOCK);
    let length = BODY.len().to_string();
    let post = [
        ("REQUEST_METHOD", "POST"),
        ("CONTENT_TYPE", "multipart/form-data; boundary=B"),
        ("CONTENT_LENGTH", length.as_str()),
    ];
    assert_eq!(ask(&post, BODY).body, BI_NOCULARS);
    assert_eq!(ask(&[("SCRIPT_NAME", "/wsgi/sample.py")], b"").body, b"Hello World!");
}

/// The crate fastcgi-client, one request a connection and several on one.
#[test]
fn fastcgi_client_crate() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let socket = serving.address.strip_prefix("unix:").expect("a unix socket");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let get = || Params::default().request_method("GET").query_string("id=A001");
        let post = || {
            let params = Params::default().request_method("POST").content_type("multipart/form-data; boundary=B");
            params.content_length(BODY.len())
        };
        let once = Client::new_tokio(UnixStream::connect(socket).await.expect("a connection"));
        // For an empty body this client sends a second empty STDIN record, which may find the connection closed.
        let output = once.execute_once(Request::new(get(), BODY)).await.expect("an answer");
        assert_eq!(Answer::of_document(&output.stdout.expect("STDOUT"), false).body, CLOCK);
        let mut kept = Client::new_keep_alive_tokio(UnixStream::connect(socket).await.expect("a connection"));
        for _ in 0..3 {
            let output = kept.execute(Request::new(get(), &b""[..])).await.expect("an answer");
            assert_eq!(Answer::of_document(&output.stdout.expect("STDOUT"), false).body, CLOCK);
            let output = kept.execute(Request::new(post(), BODY)).await.expect("an answer");
            assert_eq!(Answer::of_document(&output.stdout.expect("STDOUT"), false).body, BI_NOCULARS);
        }
    });
}
