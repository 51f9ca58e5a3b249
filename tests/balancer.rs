//! A balancer of which one member is not well.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fastcgi_client as fastcgi;
use crate::servers::{self, Door, Site, http};

/// Answers whatever is asked with 503, until it is told to stop.
fn unwell(listener: &TcpListener, answers: &AtomicUsize) {
    for connection in listener.incoming() {
        let mut connection = connection.expect("a connection");
        let last = |record: &fastcgi::Record| record.kind == fastcgi::STDIN && record.content.is_empty();
        // Whoever looks whether it can be connected to asks nothing, and who says this is the test.
        let Some(first) = fastcgi::read_record(&mut connection) else { continue };
        if first.kind == fastcgi::ABORT_REQUEST {
            return;
        }
        while fastcgi::read_record(&mut connection).is_some_and(|record| !last(&record)) {}
        answers.fetch_add(1, Ordering::SeqCst);
        let said = fastcgi::record(fastcgi::STDOUT, 1, b"Status: 503 Service Unavailable\r\n\r\n", 0);
        let end = [fastcgi::record(fastcgi::STDOUT, 1, b"", 0), fastcgi::record(fastcgi::END_REQUEST, 1, &[0; 8], 0)];
        connection.write_all(&[said, end.concat()].concat()).expect("an answer");
    }
}

/// A member of the balancer that can be connected to, and answers 503, is left alone.
#[test]
fn an_unwell_member_of_the_balancer() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let member = listener.local_addr().expect("an address");
    let answers = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| unwell(&listener, &answers));
        let directives = format!("Define PRODUCT_LOOKUP_MEMBER_3 {member}\n");
        let server = servers::start(Door::Balancer, &Site { directives, ..Site::default() });
        let failed = (0..90).filter(|_| http::get(server.addr, "/wsgi/myapp.py?id=A001").status != 200).count();
        let mut stop = TcpStream::connect(member).expect("it listens");
        stop.write_all(&fastcgi::record(fastcgi::ABORT_REQUEST, 1, b"", 0)).expect("it reads");
        // It would have had 30 of 90; it is tried anew after ten seconds.
        let answers = answers.load(Ordering::SeqCst);
        assert!((1..=4).contains(&answers), "{answers}");
        assert_eq!(failed, answers);
    });
}
