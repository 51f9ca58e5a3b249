//! The search page: in go keys, out comes what it shows, with JavaScript and without.

use fantoccini::key::Key;
use serde_json::json;

use super::shop::{self, HEBREW, SCRIPT, shop};
use super::{Window, browse};

/// What a list shows, a line a product.
const ROWS: &str = "return [...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent).join(' | '))";

/// Keeps what is asked, and answers when a test says so, even to those who have hung up.
const HOLD: &str = "window.asked = [];
    window.fetch = (url) => new Promise((answer) => {
        const products = (names) => JSON.stringify({ products: names.map((name) => ({ id: name, name, price: 1 })), next: null });
        asked.push({ q: url.searchParams.get('q'), answer: (...names) => answer(new Response(products(names))) });
    });";

/// Answers the search of this number, and lets the page do all that it then does: a task comes
/// after all that was ready before it, and a body that is at hand takes a few of them.
async fn answer(window: &Window, number: usize, name: &str) {
    let script = "const [number, name, done] = arguments;
        asked[number].answer(name);
        let tasks = 20;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (tasks-- > 0 ? port2.postMessage(0) : done());
        port2.postMessage(0);";
    window.client.execute_async(script, vec![json!(number), json!(name)]).await.expect("an answer");
}

/// Waits until so many searches have been asked for.
async fn asked(window: &Window, count: usize) {
    let script = "const [count, done] = arguments;
        const look = () => (asked.length === count ? done(asked.map(({ q }) => q)) : requestAnimationFrame(look));
        look();";
    window.client.execute_async(script, vec![json!(count)]).await.expect("so many");
}

#[test]
fn search_as_one_types() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open("/products/").await;
        window.press("clo").await;
        window.see("//a[.='Clock']").await;
        assert_eq!(window.run(ROWS).await, json!(["Clock | A001 | 12", "Travel Alarm Clock | A003 | 19.90"]));
        let status = window.see("//p[@role='status']").await;
        assert_eq!(status.text().await.expect("its text"), "2 products");
        window.press(&Key::Enter.to_string()).await;
        window.see("//h1[.='Clock']").await;
        window.see("//dd[.='12']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A001&format=html");
        window.client.back().await.expect("a page");
        window.see("//a[.='Travel Alarm Clock']").await;
        assert_eq!(window.path().await, "/products/?q=clo");

        window.open("/products/").await;
        window.press("xyzzy").await;
        window.see("//p[@role='status'][.='Nothing found for “\u{2068}xyzzy\u{2069}”.']").await;
        window.press(&Key::Backspace.to_string().repeat(5)).await;
        window.see("//p[@role='status'][.='']").await;
        assert_eq!(window.path().await, "/products/");
    });
}

#[test]
fn search_by_the_keyboard() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let (down, up, enter) = (Key::Down.to_string(), Key::Up.to_string(), Key::Enter.to_string());
        let focus = "return document.activeElement.textContent || document.activeElement.id";
        window.open("/products/?q=clo").await;
        window.see("//a[.='Clock']").await;
        for (key, there) in [
            (&down, "Clock"),
            (&down, "Travel Alarm Clock"),
            (&down, "Travel Alarm Clock"),
            (&up, "Clock"),
            (&up, "q"),
            (&up, "q"),
        ] {
            window.press(key).await;
            assert_eq!(window.run(focus).await, there);
        }
        window.press(&format!("{down}{down}{enter}")).await;
        window.see("//h1[.='Travel Alarm Clock']").await;

        // The whole list, and on from the last of it.
        window.open("/products/?q=lamp").await;
        window.see("//p[@role='status'][.='20 products, more below']").await;
        window.press(&down.repeat(21)).await;
        assert_eq!(window.run(focus).await, "Show more");
        window.press(&enter).await;
        window.see("//p[@role='status'][.='40 products, more below']").await;
        assert_eq!(window.run(focus).await, "Lamp no. 21");
        window.see("//button[.='Show more']").await.click().await.expect("a click");
        window.see("//p[@role='status'][.='45 products']").await;
        assert_eq!(window.run(focus).await, "Lamp no. 41");
        window.press(&enter).await;
        window.see("//h1[.='Lamp no. 41']").await;

        // Enter before there is an answer opens the first that comes.
        window.open("/products/").await;
        window.run(HOLD).await;
        window.press(&format!("clo{enter}")).await;
        asked(window, 1).await;
        window.run("asked[0].answer('A002', 'A001')").await;
        window.see("//h1[.='Bi-Noculars']").await;
    });
}

#[test]
fn a_late_answer_replaces_nothing() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open("/products/").await;
        window.run(HOLD).await;
        window.press("clo").await;
        asked(window, 1).await;
        window.press("ck").await;
        asked(window, 2).await;
        assert_eq!(window.run("return asked.map(({ q }) => q)").await, json!(["clo", "clock"]));
        answer(window, 0, "before the newer").await;
        assert_eq!(window.run(ROWS).await, json!([]));
        answer(window, 1, "the newer").await;
        assert_eq!(window.run(ROWS).await, json!(["the newer | the newer | 1"]));

        window.press(&Key::Backspace.to_string()).await;
        asked(window, 3).await;
        window.press("x").await;
        asked(window, 4).await;
        answer(window, 3, "the newest").await;
        answer(window, 2, "after the newer").await;
        assert_eq!(window.run(ROWS).await, json!(["the newest | the newest | 1"]));
    });
}

#[test]
fn an_error_and_another_try() {
    let (folder, site) = shop::closed_shop();
    browse(&site, async |window| {
        window.open("/products/").await;
        window.press("clo").await;
        window.see("//p[@role='status'][.='The catalogue cannot be read at the moment; try again later.']").await;
        let refused = "/wsgi/myapp.py?q=clo - Failed to load resource: the server responded with a status of 503 (Service Unavailable)";
        assert_eq!(window.console(), [refused]);
        shop::open(&folder);
        window.see("//button[.='Try again']").await.click().await.expect("a click");
        window.see("//a[.='Clock']").await;
        let focus = "return document.activeElement.textContent";
        assert_eq!(window.run(focus).await, "Clock");

        // What is there stays where its next page does not come.
        window.open("/products/?q=lamp").await;
        window.see("//p[@role='status'][.='20 products, more below']").await;
        window.run("window.online = fetch; window.fetch = () => Promise.reject(new TypeError())").await;
        window.see("//button[.='Show more']").await.click().await.expect("a click");
        window.see("//p[@role='status'][.='The server does not answer. Is there a connection?']").await;
        assert_eq!(window.run("return document.querySelectorAll('tbody tr').length").await, 20);
        window.run("window.fetch = online").await;
        window.see("//button[.='Try again']").await.click().await.expect("a click");
        window.see("//p[@role='status'][.='40 products, more below']").await;
    });
}

#[test]
fn prices_and_names() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let rows = |prices: [&str; 4]| {
            json!([
                format!("{} | N00000000000000000000000000000000000000000004 | {}", shop::LONG, prices[0]),
                format!("{SCRIPT} | N001 | {}", prices[1]),
                format!("{HEBREW} | N002 | {}", prices[2]),
                format!("{} | N003 | {}", shop::CHINESE, prices[3]),
            ])
        };
        for (language, prices) in [
            ("en-US", ["0.10", "1,234,567.50", "1,250.00", "12,345,678,901,234,567,890.123456"]),
            ("de-DE", ["0,10", "1.234.567,50", "1.250,00", "12.345.678.901.234.567.890,123456"]),
            ("en-IN", ["0.10", "12,34,567.50", "1,250.00", "1,23,45,67,89,01,23,45,67,890.123456"]),
            ("ar-EG", ["0.10", "1,234,567.50", "1,250.00", "12,345,678,901,234,567,890.123456"]),
        ] {
            let agent = json!({"userAgent": "a test", "acceptLanguage": language});
            window.devtools("Emulation.setUserAgentOverride", agent);
            window.open("/products/?q=n0").await;
            window.see("//p[@role='status'][.='4 products']").await;
            assert_eq!(window.run(ROWS).await, rows(prices), "{language}");
        }
        window.open("/myapp?q=n0&format=html").await;
        let plain = ["0.10", "1234567.50", "1250.00", "12345678901234567890.123456"];
        assert_eq!(window.run(ROWS).await, rows(plain));
        window.see("//a[contains(., 'script')]").await.click().await.expect("a click");
        assert_eq!(window.see("//h1").await.text().await.expect("its text"), SCRIPT);
        assert_eq!(window.run("return document.title").await, SCRIPT);
    });
}

#[test]
fn without_javascript() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}));
        window.open("/products/").await;
        window.press(&format!("clo{}", Key::Enter)).await;
        window.see("//p[.='2 products']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");
        window.see("//a[.='Clock']").await.click().await.expect("a click");
        window.see("//h1[.='Clock']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A001&format=html");
        let search = window.see("//input[@type='search']").await;
        search.send_keys(&format!("lamp{}", Key::Enter)).await.expect("keys");
        window.see("//p[.='20 products, more on the next page']").await;
        for (first, count) in [("Lamp no. 21", "20 products, more on the next page"), ("Lamp no. 41", "5 products")] {
            window.see("//a[.='Next page']").await.click().await.expect("a click");
            window.see(&format!("//tbody/tr[1][contains(., '{first}')]")).await;
            window.see(&format!("//p[.='{count}']")).await;
        }
        window.open("/products/").await;
        window.see("//a[.='all products']").await.click().await.expect("a click");
        window.see("//p[.='20 products, more on the next page']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=&format=html");
    });
}
