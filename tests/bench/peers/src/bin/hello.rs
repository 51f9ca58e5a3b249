//! The least: one reply to whatever is asked.

fn main() {
    product_lookup_peers::serve(|_| {
        b"Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nHello you!\n".to_vec()
    });
}
