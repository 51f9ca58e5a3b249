//! The two forms in a real browser, through a real Apache.

use std::process::{Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

use crate::servers::process::{Running, free_port, wait_for};
use crate::servers::{self, Door, Site};

/// A ChromeDriver and its folder, ended with the test; it ends its browser.
pub struct Browser {
    _driver: Running,
    folder: tempfile::TempDir,
    port: u16,
}

impl Browser {
    pub fn start() -> Browser {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port().expect("a free port");
        let mut command = Command::new("/usr/bin/chromedriver");
        command.arg(format!("--port={port}")).env("HOME", folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Running::start(&mut command);
        let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).ok();
        wait_for(listens).expect("ChromeDriver listens");
        Browser { _driver: driver, folder, port }
    }

    /// A session with an empty profile.
    pub async fn session(&self) -> Client {
        let profile = format!("--user-data-dir={}", self.folder.path().join("profile").display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            profile.as_str(),
        ];
        let options = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let capabilities = options.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{}", self.port)).await.expect("a session")
    }
}

/// Opens a form, clicks its one button, and gives what the browser then shows.
async fn click(client: &Client, form: &str, button: &str) -> String {
    client.goto(form).await.expect("the form");
    let button = client.find(Locator::XPath(&format!("//button[.='{button}']"))).await.expect("the button");
    button.click().await.expect("a click");
    // Chromium shows JSON and text in one <pre>; a form has none.
    let shown = client.wait().for_element(Locator::Css("pre")).await.expect("a reply");
    shown.text().await.expect("its text")
}

#[test]
fn forms() {
    let server = servers::start(Door::Fcgid, &Site::default());
    let browser = Browser::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = browser.session().await;
        let page = |name| format!("http://{}/products/{name}", server.addr);
        let shown = click(&client, &page("get.html"), "List Product A001 Info").await;
        assert_eq!(shown, r#"{"name":"Clock","price":12}"#);
        let address = client.current_url().await.expect("an address");
        assert_eq!(address.as_str(), format!("http://{}/wsgi/myapp.py?id=A001&format=json", server.addr));
        let shown = click(&client, &page("post.html"), "List Product A002 Info").await;
        assert_eq!(shown, r#"{"name":"Bi-Noculars","price":40}"#);
        // A page of ours keeps its own policy, so its style is applied: 40rem of 18 pixels.
        client.goto(&format!("http://{}/myapp?id=A001&format=html", server.addr)).await.expect("a page");
        let width = "return getComputedStyle(document.body).maxWidth";
        assert_eq!(client.execute(width, vec![]).await.expect("a value"), "720px");
        client.close().await.expect("an end");
    });
}
