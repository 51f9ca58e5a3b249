//! What `check --url` says of each kind of answer, word by word.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::broken;
use crate::program::{Site, run};

/// What is answered after `HTTP/1.1 `, and what is said of it.
const ANSWERS: &[(&str, &str)] = &[
    ("", "the web server took the connection and gave no reply: the connection was closed without a reply"),
    ("302 Found\r\nServer: x/1\r\nLocation: /y\r\n\r\n", "x redirects to /y, which is not looked at"),
    (
        "401 Unauthorized\r\nServer: x/1\r\n\r\n",
        "x itself refuses with 401: no Require lets this in, or its user may not reach the program",
    ),
    ("413 Too Large\r\nServer: x/1\r\n\r\n", "x itself refuses the body with 413"),
    ("200 OK\r\nServer: x/1\r\n\r\n\x7fELF", "x gives out the program's file, and does not run it"),
    (
        "200 OK\r\n\r\n",
        "the web server answers 200, and not by this program; the URL of lookups is like http://HOST/wsgi/myapp.py",
    ),
    (
        "200 OK\r\nX-Content-Type-Options: nosniff\r\n\r\nHello World!",
        "the program answers there, as its app sample; the URL of lookups is like http://HOST/wsgi/myapp.py",
    ),
    (
        "200 OK\r\nX-Content-Type-Options: nosniff\r\n\r\n{}",
        "what answers there is not a lookup; the URL of lookups is like http://HOST/wsgi/myapp.py",
    ),
    (
        "503 No\r\nX-Content-Type-Options: nosniff\r\n\r\n{\"detail\":\"Later.\"}",
        "the program answers, and cannot read its catalogue: Later.",
    ),
    ("500 No\r\nX-Content-Type-Options: nosniff\r\n\r\n{\"detail\":\"A bug.\"}", "the program fails with 500: A bug."),
    ("502 No\r\nServer: x/1\r\n\r\n", "x itself answers 502: it could not reach the program, or had no reply from it"),
];

/// Answers everything with these bytes, for as long as the tests run.
pub(super) fn server(reply: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let addr = listener.local_addr().expect("an address");
    let answer = move |mut stream: TcpStream| {
        BufReader::new(&stream).fill_buf()?;
        stream.write_all(&reply)?;
        stream.shutdown(Shutdown::Write)?;
        // What is not read would take the reply back.
        stream.read_to_end(&mut Vec::new())
    };
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(stream))));
    addr
}

#[test]
fn each_kind() {
    let site = Site::with_catalogue();
    for (reply, told) in ANSWERS {
        let reply = if reply.is_empty() { String::new() } else { format!("HTTP/1.1 {reply}") };
        let url = format!("http://{}/", server(reply.into_bytes()));
        let mut command = site.command();
        command.env("PATH", "/usr/bin:/bin").env("APACHE_CONFDIR", "/none").args(["check", "--url", &url]);
        let output = run(&mut command, b"");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!((broken(&text), output.status.code()), (format!("{told}\n"), Some(1)), "{text}");
    }
}
