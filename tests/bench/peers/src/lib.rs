//! Answers by FastCGI on descriptor 0 with the crate `tokio-fastcgi`.

use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;

use tokio::net::unix::OwnedWriteHalf;
use tokio_fastcgi::{Request, RequestResult, Requests};

/// As many requests at once as the crate lets a connection have.
const REQUESTS: u8 = 8;

/// A request as it comes from a unix socket.
pub type Incoming = Request<OwnedWriteHalf>;

/// Answers every request with the document that `answer` makes, for ever.
pub fn serve(answer: fn(&Incoming) -> Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().expect("threads");
    runtime.block_on(async {
        let descriptor = std::io::stdin().as_fd().try_clone_to_owned().expect("descriptor 0");
        let listener = UnixListener::from(descriptor);
        listener.set_nonblocking(true).expect("a socket");
        let listener = tokio::net::UnixListener::from_std(listener).expect("a socket");
        loop {
            let (connection, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let mut requests = Requests::from_split_socket(connection.into_split(), REQUESTS, REQUESTS);
                while let Ok(Some(request)) = requests.next().await {
                    let answered = request.process(|request| async move {
                        let written = request.get_stdout().write(&answer(&request)).await;
                        RequestResult::Complete(written.is_err().into())
                    });
                    if answered.await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}
