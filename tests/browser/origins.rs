//! A page of another origin, which reads a price where `ALLOW_ORIGIN` lets it, and nothing where not.

use serde_json::{Value, json};

use super::browse;
use crate::servers::{self, Door, Server, Site};

/// What a page makes of each way to ask: the status and the body, or the error's name.
fn asking(shop: &Server) -> String {
    format!(
        r#"const at = 'http://{}/wsgi/myapp.py';
        const ask = async (query, options) => {{
            try {{
                const reply = await fetch(at + query, options);
                return [reply.status, await reply.text(), reply.headers.has('etag')];
            }} catch (error) {{
                return error.name;
            }}
        }};
        const form = new URLSearchParams({{id: 'A002'}});
        const json = {{body: '{{"id":"A002"}}', headers: {{'Content-Type': 'application/json'}}}};
        return Promise.all([
            ask('?id=A001', {{}}),
            ask('', {{method: 'POST', body: form}}),
            ask('', {{method: 'POST', ...json}}),
            ask('?id=none', {{method: 'HEAD'}}),
        ]);"#,
        shop.addr
    )
}

#[test]
fn a_page_of_another_origin() {
    browse(&Site::default(), async |window| {
        window.open("/ready.txt").await;
        let origin = format!("http://{}", window.server.addr);
        let allowed =
            |origins: &str| Site { settings: vec![("ALLOW_ORIGIN".to_owned(), origins.to_owned())], ..Site::default() };
        let read = json!([
            [200, r#"{"name":"Clock","price":12}"#, true],
            [200, r#"{"name":"Bi-Noculars","price":40}"#, true],
            [200, r#"{"name":"Bi-Noculars","price":40}"#, true],
            [404, "", false],
        ]);
        for origins in ["*", &format!("https://shop.example {origin}")] {
            let shop = servers::start(Door::Fcgid, &allowed(origins));
            assert_eq!(window.run(&asking(&shop)).await, read, "{origins}");
            // What the browser says of every 404.
            let said = window.console();
            assert!(said.len() == 1 && said[0].contains("404"), "{said:?}");
        }
        for site in [Site::default(), allowed("https://shop.example")] {
            let shop = servers::start(Door::Fcgid, &site);
            assert_eq!(window.run(&asking(&shop)).await, Value::from(vec!["TypeError"; 4]));
            let said = window.console();
            assert!(said.iter().any(|line| line.contains("blocked by CORS policy")), "{said:?}");
        }
    });
}
