//! The pages and forms in a real browser, through a real Apache. Whatever a browser complains about fails a test.

mod forms;
mod markup;
mod origins;
mod pages;
mod people;
mod search;
mod shop;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::servers::process::{PATIENCE, Running, debian, free_port, wait_for};
use crate::servers::{self, Door, Server, Site, http};

/// A ChromeDriver and its folder, ended with the test; it ends its browser.
struct Browser {
    _driver: Running,
    folder: tempfile::TempDir,
    driver: SocketAddr,
    /// The browser, where the driver does not find it by itself.
    binary: Option<PathBuf>,
}

impl Browser {
    fn start() -> Browser {
        let folder = tempfile::tempdir().expect("a folder");
        // The driver has to be of the browser's own version.
        let installed = ["/usr/bin/chromium", "/usr/bin/chromedriver"].map(PathBuf::from);
        let (binary, program) = if installed.iter().all(|path| path.exists()) {
            let [_, program] = installed;
            (None, program)
        } else {
            (Some(headless_shell(folder.path())), debian("/usr/bin/chromedriver"))
        };
        let driver = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = Command::new(program);
        command.arg(format!("--port={}", driver.port())).env("HOME", folder.path());
        let process = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        wait_for(|| std::net::TcpStream::connect(driver).ok()).expect("ChromeDriver listens");
        Browser { _driver: process, folder, driver, binary }
    }

    /// A session with an empty profile.
    async fn session(&self) -> Client {
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
        let mut options = json!({"args": arguments});
        if let Some(binary) = &self.binary {
            options["binary"] = json!(binary);
        }
        let options = json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let capabilities = options.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities).connect(&format!("http://{}", self.driver)).await.expect("a session")
    }
}

/// Chromium's headless shell as ChromeDriver needs it: by itself it opens no page, and the driver
/// waits for one.
fn headless_shell(folder: &Path) -> PathBuf {
    let shell = debian("/usr/lib/chromium/chromium-headless-shell");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\" about:blank\n", shell.display());
    let browser = folder.join("browser");
    // Another process writes it, as for the program: see `install_program`.
    let mut install = Command::new("install");
    install.args(["-m", "755", "/dev/stdin"]).arg(&browser).stdin(Stdio::piped());
    let mut install = install.spawn().expect("install(1)");
    install.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("a script");
    assert!(install.wait().expect("an end").success());
    browser
}

/// A window of a browser, on a site.
struct Window {
    client: Client,
    driver: SocketAddr,
    /// The session's address at the driver.
    session: String,
    server: Server,
}

/// Does something in a window on a site. Whatever the browser complains about, and the test does
/// not take from [`Window::console`], fails it: a break of a page's policy, for example.
fn browse(site: &Site, test: impl AsyncFnOnce(&Window)) {
    let server = servers::start(Door::Fcgid, site);
    let browser = Browser::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = browser.session().await;
        let id = client.session_id().await.expect("an answer").expect("a session");
        let window = Window { client, driver: browser.driver, session: format!("/session/{id}"), server };
        test(&window).await;
        assert_eq!(window.console(), [""; 0]);
        window.client.close().await.expect("an end");
    });
}

impl Window {
    /// Opens a page. What has `autofocus` gets it when the page is first drawn, which may be after it
    /// is loaded; keys that came before would be lost.
    async fn open(&self, path: &str) {
        self.client.goto(&format!("http://{}{path}", self.server.addr)).await.expect("a page");
        let focused = Locator::Css(":root:not(:has([autofocus])), [autofocus]:focus");
        self.client.wait().at_most(PATIENCE).for_element(focused).await.expect("a focus");
    }

    /// The address that it shows, without the site.
    async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().replace(&format!("http://{}", self.server.addr), "")
    }

    /// What an XPath finds, as soon as it is there.
    async fn see(&self, xpath: &str) -> Element {
        let end = Instant::now() + PATIENCE;
        loop {
            let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(20));
            match wait.for_element(Locator::XPath(xpath)).await {
                Ok(element) => return element,
                // What was asked of the page before.
                Err(error) if error.to_string().contains("aborted by navigation") && Instant::now() < end => {}
                Err(error) => {
                    let text = self.run("return document.body.innerText").await;
                    panic!("no {xpath}: {error}\n{text}\n{:?}", self.console())
                }
            }
        }
    }

    /// Sends keys to whatever has the focus.
    async fn press(&self, keys: &str) {
        self.client.active_element().await.expect("a focus").send_keys(keys).await.expect("keys");
    }

    /// What a script returns; the page's policy is not for it.
    async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.expect("a value")
    }

    /// Does what a command of Chromium's DevTools protocol does.
    fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.tell("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// What the browser has complained about since the last look: errors of the network and of
    /// scripts, and breaks of a Content-Security-Policy; without the site's address. It looks for an
    /// icon by itself where a page names none.
    fn console(&self) -> Vec<String> {
        let entries = self.tell("se/log", &json!({"type": "browser"}));
        let site = format!("http://{}", self.server.addr);
        let message = |entry: &Value| entry["message"].as_str().unwrap_or_default().replace(&site, "");
        let entries = entries.as_array().expect("a list").iter().map(message);
        entries.filter(|message| !message.starts_with("/favicon.ico ")).collect()
    }

    /// A command that only ChromeDriver has.
    fn tell(&self, command: &str, body: &Value) -> Value {
        let target = format!("{}/{command}", self.session);
        let reply = http::post(self.driver, &target, "application/json", body.to_string().as_bytes());
        let mut answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!(reply.status, 200, "{command}: {answer}");
        answer["value"].take()
    }
}
