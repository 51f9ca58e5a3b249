//! What people do beside typing: they listen, tap, copy, go back, and know their keyboard.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::search::{FOCUS, HOLD, PAGE, ROWS, answer, asked};
use super::shop::{SCRIPT, shop};
use super::{Window, browse};
use crate::servers::Site;

/// Keeps what a screen reader is told.
const LISTEN: &str = "window.heard = [];
    const told = document.querySelector('[role=status]');
    new MutationObserver(() => told.textContent && heard.push(told.textContent)).observe(told, { childList: true, characterData: true, subtree: true });";

/// Keeps what is copied.
const CLIPBOARD: &str = "window.copied = [];
    addEventListener('copy', (event) => copied.push(event.clipboardData.getData('text/plain')));";

/// Waits until a screen reader has been told this.
async fn hears(window: &Window, words: &str) {
    let script = "const [words, done] = arguments;
        const look = () => (heard.at(-1) === words ? done() : requestAnimationFrame(look));
        look();";
    window.client.execute_async(script, vec![json!(words)]).await.expect("those words");
}

/// Touches what an XPath finds.
async fn tap(window: &Window, xpath: &str) {
    let element = window.see(xpath).await;
    let place = "const { left, top, width, height } = (arguments[0].scrollIntoView({ block: 'center' }), arguments[0].getBoundingClientRect());
        return { x: left + width / 2, y: top + height / 2 };";
    let element = serde_json::to_value(element).expect("a reference");
    let place = window.client.execute(place, vec![element]).await.expect("a place");
    window.devtools("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": [place]}));
    window.devtools("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
}

/// What of a page a screen reader finds by its role: name and description.
fn announced(window: &Window, role: &str) -> Vec<[String; 2]> {
    window.devtools("Accessibility.enable", json!({}));
    let root = window.devtools("DOM.getDocument", json!({"depth": 0}));
    let wanted = json!({"nodeId": root["root"]["nodeId"], "role": role});
    let nodes = window.devtools("Accessibility.queryAXTree", wanted);
    let text = |node: &Value, what: &str| node[what]["value"].as_str().unwrap_or_default().to_owned();
    let nodes = nodes["nodes"].as_array().expect("a list").iter().filter(|node| node["ignored"] == false);
    nodes.map(|node| ["name", "description"].map(|what| text(node, what))).collect()
}

#[test]
fn a_screen_reader_is_told_each_thing_once() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open(PAGE).await;
        window.run(LISTEN).await;
        window.run(HOLD).await;
        window.press("clo").await;
        asked(window, "clo").await;
        assert_eq!(window.run("return document.getElementById('results').ariaBusy").await, "true");
        // Not at each letter.
        let first = window.run("return asked[0].q").await;
        answer(window, first.as_str().expect("text"), "c").await;
        answer(window, "clo", "A001").await;
        assert_eq!(window.run("return document.getElementById('results').ariaBusy").await, "false");
        hears(window, "1 results").await;
        assert_eq!(window.run("return heard").await, json!(["1 results"]));

        window.open("/myapp?format=html&q=lamp").await;
        window.run(LISTEN).await;
        window.see("//a[.='Show more']").await.click().await.expect("a click");
        hears(window, "Showing the first 40 results for “\u{2068}lamp\u{2069}”").await;
        window.see("//a[.='Show more']").await.click().await.expect("a click");
        hears(window, "45 results for “\u{2068}lamp\u{2069}”").await;
        assert_eq!(window.run("return heard.length").await, 2);
        // The price comes with its row.
        let links = announced(window, "link");
        assert!(links.contains(&["Lamp no. 45".to_owned(), "45.50".to_owned()]), "{links:?}");
        assert_eq!(announced(window, "status").len(), 1);
    });
}

#[test]
fn keys() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let (down, enter, escape) = (Key::Down.to_string(), Key::Enter.to_string(), Key::Escape.to_string());
        window.open(PAGE).await;
        // A misspelt word, and what was meant.
        window.press("clokc").await;
        window.see("//a[@id='meant'][.='Clock']").await;
        window.press(&format!("{down}{enter}")).await;
        window.see("//p[starts-with(., '2 results')]").await;
        assert_eq!(window.run("return document.activeElement.value").await, "Clock");
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=Clock&format=html");
        window.press(&format!("{down}{escape}")).await;
        assert_eq!(window.run(FOCUS).await, "q");
        window.press(&escape).await;
        window.see("//p[.='Showing the first 20 products']").await;
        assert_eq!(window.run("return document.activeElement.value").await, "");

        window.open("/myapp?id=A003&q=clo&format=html").await;
        // As a keyboard has it that has the slash behind Shift.
        window.run("document.dispatchEvent(new KeyboardEvent('keydown', { key: '/', shiftKey: true }))").await;
        assert_eq!(
            window.run("return [document.activeElement.id, getSelection().toString()]").await,
            json!(["q", "clo"])
        );
        // What is typed takes its place, and the way back leads to the product.
        window.press("lamp").await;
        window.see("//p[starts-with(., 'Showing the first 20')]").await;
        window.client.back().await.expect("a page");
        window.see("//h2[.='Travel Alarm Clock']").await;
        assert_eq!(window.path().await, "/myapp?id=A003&q=clo&format=html");

        // What was asked for with Enter is worth coming back to, what was typed on the way is not.
        window.open(PAGE).await;
        window.press(&format!("lamp{enter}")).await;
        window.see("//tr[1][contains(., 'Lamp no. 01')]").await;
        window.press(&format!("{}clo", Key::Backspace.to_string().repeat(4))).await;
        window.see("//p[starts-with(., '2 results')]").await;
        window.client.back().await.expect("a page");
        window.see("//tr[1][contains(., 'Lamp no. 01')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=lamp&format=html");

        // A row that has the focus may go: the first of those that come gets it.
        window.press("/").await;
        window.press(&down).await;
        assert_eq!(window.run(FOCUS).await, "Lamp no. 01");
        window.run(HOLD).await;
        window
            .run("const box = document.getElementById('q'); box.value = 'x'; box.dispatchEvent(new Event('input'))")
            .await;
        asked(window, "x").await;
        answer(window, "x", "X1").await;
        assert_eq!(window.run(FOCUS).await, "X1");
    });
}

#[test]
fn touch() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let metrics = json!({"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true});
        window.devtools("Emulation.setDeviceMetricsOverride", metrics);
        window.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true}));
        window.open(PAGE).await;
        window.press(&format!("lamp{}", Key::Enter)).await;
        window.see("//tr[1][contains(., 'Lamp no. 01')]").await;
        // The keyboard goes, and nothing is opened.
        assert_eq!(window.run(FOCUS).await, window.run("return document.body.textContent").await);
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=lamp&format=html");
        tap(window, "//a[.='Show more']").await;
        window.see("//p[starts-with(., 'Showing the first 40 results')]").await;
        // All of a row leads to its product.
        tap(window, "//td[.='L021']").await;
        window.see("//h2[.='Lamp no. 21']").await;
        window.run(CLIPBOARD).await;
        tap(window, "//button[@aria-label='Copy Price']").await;
        window.see("//button[.='Copied']").await;
        assert_eq!(window.run("return copied").await, json!(["21.50"]));
        tap(window, "//a[starts-with(., 'Results for')]").await;
        window.see("//p[starts-with(., 'Showing the first 20 results')]").await;
        window.open("/myapp?q=clokc&format=html").await;
        tap(window, "//a[@id='meant']").await;
        window.see("//p[starts-with(., '2 results')]").await;
    });
}

#[test]
fn copying() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open("/myapp?id=N001&format=html").await;
        window.run(LISTEN).await;
        window.run(CLIPBOARD).await;
        let buttons = "return [...document.querySelectorAll('.value button')].map((button) => button.ariaLabel)";
        assert_eq!(window.run(buttons).await, json!(["Copy Name", "Copy Price", "Copy Number"]));
        for (xpath, what, text) in [
            ("//button[@aria-label='Copy Price']", "Price", "1234567.50"),
            ("//button[@aria-label='Copy Name']", "Name", SCRIPT),
            ("//dd[.='N001Copy']/bdi", "Number", "N001"),
        ] {
            window.run("getSelection().empty()").await;
            window.see(xpath).await.click().await.expect("a click");
            hears(window, &format!("Copied {what}")).await;
            assert_eq!(window.run("return copied.at(-1)").await, text);
        }
        assert_eq!(window.run("return copied.length").await, 3);
    });
}

#[test]
fn a_shop_with_a_name() {
    let (_folder, site) = shop();
    let settings = [("SHOP_NAME", "Tick & <Tock>"), ("CURRENCY", "EUR")];
    let site = Site { settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), ..site };
    browse(&site, async |window| {
        let head = "return [document.title, document.querySelector('h1').textContent]";
        window.open(PAGE).await;
        assert_eq!(window.run(head).await, json!(["Tick & <Tock>", "Tick & <Tock>"]));
        window.press("clo").await;
        window.see("//th[.='Price (EUR)']").await;
        window.see("//p[starts-with(., '2 results')]").await;
        assert_eq!(window.run(ROWS).await, json!(["Clock | A001 | 12", "Travel Alarm Clock | A003 | 19.90"]));
        // Points stand one below the other.
        let ends = "const range = document.createRange();
            return [...document.querySelectorAll('td.price')].map(({ firstChild }) => {
                range.setStart(firstChild, 2);
                range.collapse(true);
                return range.getBoundingClientRect().left;
            });";
        let ends = window.run(ends).await;
        let [one, other] = [0, 1].map(|row| ends[row].as_f64().expect("a place"));
        assert!(one > 100.0 && (one - other).abs() < 0.5, "{ends}");
        window.see("//a[.='Clock']").await.click().await.expect("a click");
        window.see("//dd[starts-with(., '12\u{a0}EUR')]").await;
        assert_eq!(window.run(head).await, json!(["Clock \u{2013} Tick & <Tock>", "Tick & <Tock>"]));
        // What it was found by.
        assert_eq!(window.run("return document.querySelector('mark').textContent").await, "Clo");
        window.devtools("Emulation.setEmulatedMedia", json!({"media": "print"}));
        let unseen = "return [...document.querySelectorAll('form, button, .back')].every((element) => getComputedStyle(element).display === 'none')";
        assert_eq!(window.run(unseen).await, true);
        window.open("/myapp?format=html&q=clo&limit=0").await;
        assert_eq!(window.run(head).await, json!(["This link is broken \u{2013} Tick & <Tock>", "Tick & <Tock>"]));
        assert_eq!(window.run("return document.getElementById('q').value").await, "clo");
        window.console();
        window.open("/myapp?format=html&id=clock").await;
        window.see("//h2[.='Product not found']").await;
        assert_eq!(window.run("return document.getElementById('q').value").await, "clock");
        window.console();
    });
}
