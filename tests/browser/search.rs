//! The search page: what it shows as one types, with JavaScript and without.

use fantoccini::key::Key;
use serde_json::json;

use super::shop::{self, HEBREW, SCRIPT, shop};
use super::{Window, browse};

/// What people open.
pub(super) const PAGE: &str = "/wsgi/myapp.py?format=html";

/// What a list shows, a line a product.
pub(super) const ROWS: &str = "return [...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent).join(' | '))";

/// What has the focus.
pub(super) const FOCUS: &str = "return document.activeElement.textContent || document.activeElement.id";

/// Keeps what is asked, with when, and answers when a test says so, even to those who have hung up.
pub(super) const HOLD: &str = "window.asked = [];
    window.fetch = (url) => new Promise((resolve) => {
        const row = (id) => `<tr><th><a href='?id=${id}&format=html'>${id}</a></th><td class=id>${id}</td><td>1</td></tr>`;
        const page = (ids) => `<p id=status>${ids.length} results</p><div id=results><table><tbody>${ids.map(row).join('')}</tbody></table></div>`;
        const answer = (...ids) => resolve(new Response(page(ids)));
        asked.push({ q: url.searchParams.get('q'), at: performance.now(), answer });
    });";

/// Answers the last search for this question, and lets the page do all that it then does: a task comes
/// after all that was ready before it, and a body that is at hand takes a few of them.
pub(super) async fn answer(window: &Window, question: &str, id: &str) {
    let script = "const [question, id, done] = arguments;
        asked.findLast(({ q }) => q === question).answer(id);
        let tasks = 20;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (tasks-- > 0 ? port2.postMessage(0) : done());
        port2.postMessage(0);";
    window.client.execute_async(script, vec![json!(question), json!(id)]).await.expect("an answer");
}

/// Waits until this is what was asked last.
pub(super) async fn asked(window: &Window, question: &str) {
    let script = "const [question, done] = arguments;
        const look = () => (asked.at(-1)?.q === question ? done() : requestAnimationFrame(look));
        look();";
    window.client.execute_async(script, vec![json!(question)]).await.expect("that question");
}

#[test]
fn search_as_one_types() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open(PAGE).await;
        window.see("//p[@id='status'][starts-with(., 'Showing the first 20 ')]").await;
        window.press("clo").await;
        window.see("//p[@id='status'][.='2 results for \u{201c}\u{2068}clo\u{2069}\u{201d}']").await;
        assert_eq!(window.run(ROWS).await, json!(["Clock | A001 | 12", "Travel Alarm Clock | A003 | 19.90"]));
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");
        assert_eq!(window.run("return document.title").await, "clo \u{2013} Find a product");
        window.see("//a[.='Clock']").await.click().await.expect("a click");
        window.see("//h2[.='Clock']").await;
        window.see("//data[.='12']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A001&q=clo&format=html");
        window.client.back().await.expect("a page");
        window.see("//a[.='Travel Alarm Clock']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");

        // Every page has the same box: a product's, and an error's.
        window.open("/wsgi/myapp.py/A001?format=html").await;
        let search = window.see("//input[@type='search']").await;
        search.send_keys("xyzzy").await.expect("keys");
        window
            .see("//p[@id='status'][.='No products match “\u{2068}xyzzy\u{2069}”. Try fewer or shorter words.']")
            .await;
        assert_eq!(window.run("return document.querySelectorAll('h2').length").await, 0);
        window.press(&Key::Escape.to_string()).await;
        window.see("//p[@id='status'][starts-with(., 'Showing the first 20 ')]").await;
        window.open("/myapp?format=html&id=none").await;
        let search = window.see("//input[@type='search']").await;
        search.clear().await.expect("nothing in it");
        search.send_keys("teleph").await.expect("keys");
        window.see("//p[@id='status'][starts-with(., 'No products match')]").await;
        assert_eq!(window.path().await, "/myapp?q=teleph&format=html");
        let none = "/myapp?format=html&id=none - Failed to load resource: the server responded with a status of 404 (Not Found)";
        assert_eq!(window.console(), [none]);
    });
}

#[test]
fn search_by_the_keyboard() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let (down, up, enter) = (Key::Down.to_string(), Key::Up.to_string(), Key::Enter.to_string());
        window.open(PAGE).await;
        window.press("clo").await;
        window.see("//p[@id='status'][starts-with(., '2 result')]").await;
        for (key, there) in [
            (&down, "Clock"),
            (&down, "Travel Alarm Clock"),
            (&down, "Travel Alarm Clock"),
            (&up, "Clock"),
            (&up, "q"),
            (&up, "q"),
        ] {
            window.press(key).await;
            assert_eq!(window.run(FOCUS).await, there);
        }
        window.press(&format!("{down}{down}{enter}")).await;
        window.see("//h2[.='Travel Alarm Clock']").await;

        // The whole list, and on from the last of it.
        window.open(PAGE).await;
        window.press("lamp").await;
        window.see("//tr[1][contains(., 'Lamp no. 01')]").await;
        window.press(&down.repeat(21)).await;
        assert_eq!(window.run(FOCUS).await, "Show more");
        window.press(&enter).await;
        window.see("//p[@id='status'][starts-with(., 'Showing the first 40 ')]").await;
        assert_eq!(window.run(FOCUS).await, "Lamp no. 21");
        window.see("//a[.='Show more']").await.click().await.expect("a click");
        window.see("//p[@id='status'][starts-with(., '45 result')]").await;
        assert_eq!(window.run(FOCUS).await, "Lamp no. 41");
        let first_and_last = "return [...document.querySelectorAll('tbody a')].map((link) => link.textContent).filter((_, at) => at % 44 === 0)";
        assert_eq!(window.run(first_and_last).await, json!(["Lamp no. 01", "Lamp no. 45"]));
        window.press(&enter).await;
        window.see("//h2[.='Lamp no. 41']").await;
    });
}

/// Enter shows the list; it opens a product only where its id was typed.
#[test]
fn enter() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let enter = Key::Enter.to_string();
        window.open(PAGE).await;
        window.run(HOLD).await;
        window.press(&format!("clo{enter}")).await;
        asked(window, "clo").await;
        answer(window, "clo", "clock").await;
        assert_eq!(window.run(ROWS).await, json!(["clock | clock | 1"]));
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");
        window.press(&format!("x{enter}y")).await;
        asked(window, "cloxy").await;
        // What was typed after Enter takes it back.
        answer(window, "cloxy", "cloxy").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=cloxy&format=html");

        window.open(PAGE).await;
        window.press(&format!("A003{enter}")).await;
        window.see("//h2[.='Travel Alarm Clock']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A003&q=A003&format=html");
    });
}

#[test]
fn a_late_answer_replaces_nothing() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open(PAGE).await;
        window.press("lamp no. 45").await;
        let before = json!(["Lamp no. 45 | L045 | 45.50"]);
        window.see("//p[@id='status'][starts-with(., '1 result')]").await;
        window.run(HOLD).await;
        window.press(&Key::Backspace.to_string()).await;
        asked(window, "lamp no. 4").await;
        window.press("x").await;
        asked(window, "lamp no. 4x").await;
        answer(window, "lamp no. 4", "before the newer").await;
        assert_eq!(window.run(ROWS).await, before);
        answer(window, "lamp no. 4x", "the newer").await;
        assert_eq!(window.run(ROWS).await, json!(["the newer | the newer | 1"]));

        // An answer that comes between a key and its search does not cost that search.
        let between = "const box = document.getElementById('q');
            const type = (text) => ((box.value = text), box.dispatchEvent(new Event('input')));
            const look = () => {
                const found = asked.findLast(({ q }) => q === 'u');
                if (!found) return setTimeout(look, 1);
                type('uv');
                found.answer('U');
            };
            type('u');
            look();";
        window.run(between).await;
        asked(window, "uv").await;
        answer(window, "uv", "UV").await;
        assert_eq!(window.run(ROWS).await, json!(["UV | UV | 1"]));
        window.press(&Key::Backspace.to_string().repeat(2)).await;
        asked(window, "").await;
        window.press("lamp no. 4x").await;
        asked(window, "lamp no. 4x").await;

        window.press("y").await;
        asked(window, "lamp no. 4xy").await;
        window.press("z").await;
        asked(window, "lamp no. 4xyz").await;
        answer(window, "lamp no. 4xyz", "the newest").await;
        answer(window, "lamp no. 4xy", "after the newer").await;
        assert_eq!(window.run(ROWS).await, json!(["the newest | the newest | 1"]));
    });
}

/// The first key searches at once, and those that follow soon at most every 60 ms.
#[test]
fn not_with_every_key() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.open(PAGE).await;
        window.run(HOLD).await;
        let type_fast = "const done = arguments[0];
            const box = document.getElementById('q');
            const type = () => {
                box.value += 'a';
                box.dispatchEvent(new Event('input'));
                box.value.length === 30 ? done() : setTimeout(type, 10);
            };
            type();";
        window.client.execute_async(type_fast, vec![]).await.expect("an end");
        asked(window, &"a".repeat(30)).await;
        let times = window.run("return asked.map(({ at }) => at)").await;
        let times: Vec<f64> = times.as_array().expect("a list").iter().filter_map(|time| time.as_f64()).collect();
        assert_eq!(window.run("return asked[0].q").await, "a");
        assert!(times.windows(2).all(|two| two[1] - two[0] > 59.0) && times.len() > 2, "{times:?}");
    });
}

#[test]
fn an_error_and_another_try() {
    let (folder, site) = shop::closed_shop();
    browse(&site, async |window| {
        window.open("/wsgi/myapp.py?format=html&id=A001").await;
        let unavailable = "The catalogue cannot be read at the moment; try again later.";
        window.see("//h2[.='The catalogue is unavailable right now']").await;
        window.see(&format!("//p[.='{unavailable}']")).await;
        window.see("//input[@type='search']").await.send_keys("clo").await.expect("keys");
        window.see("//p[@id='again'][not(@hidden)]/button").await;
        window.see(&format!("//p[@id='again']/span[.='{unavailable}']")).await;
        window.console();
        shop::open(&folder);
        window.see("//button[.='Try again']").await.click().await.expect("a click");
        window.see("//a[.='Clock']").await;
        assert_eq!(window.run(FOCUS).await, "Clock");

        // Rows without a number have a next page too.
        window.open("/myapp?format=html&fields=name&q=lamp").await;
        window.see("//a[.='Show more']").await.click().await.expect("a click");
        window.see("//p[@id='status'][starts-with(., 'Showing the first 40 ')]").await;

        // What is there stays where its next page does not come.
        window.open(PAGE).await;
        window.press("lamp").await;
        window.see("//tr[1][contains(., 'Lamp no. 01')]").await;
        window.run("window.online = fetch; window.fetch = () => Promise.reject(new TypeError())").await;
        window.see("//a[.='Show more']").await.click().await.expect("a click");
        window
            .see("//p[@id='again']/span[.='Could not reach the server. Check your connection, then try again.']")
            .await;
        assert_eq!(window.run("return document.querySelectorAll('tbody tr').length").await, 20);
        window.run("window.fetch = online").await;
        window.see("//button[.='Try again']").await.click().await.expect("a click");
        window.see("//p[@id='status'][starts-with(., 'Showing the first 40 ')]").await;
    });
}

#[test]
fn prices_and_names() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        let rows = json!([
            format!("{} | N00000000000000000000000000000000000000000004 | 0.10", shop::LONG),
            format!("{SCRIPT} | N001 | 1\u{202f}234\u{202f}567.50"),
            format!("{HEBREW} | N002 | 1\u{202f}250.00"),
            format!(
                "{} | N003 | 12\u{202f}345\u{202f}678\u{202f}901\u{202f}234\u{202f}567\u{202f}890.123456",
                shop::CHINESE
            ),
        ]);
        window.open("/myapp?q=n0&format=html").await;
        assert_eq!(window.run(ROWS).await, rows);
        window.open("/myapp?format=html").await;
        window.press("n0").await;
        window.see("//p[@id='status'][starts-with(., '4 result')]").await;
        assert_eq!(window.run(ROWS).await, rows);
        window.see("//a[contains(., 'script')]").await.click().await.expect("a click");
        assert_eq!(window.see("//h2").await.text().await.expect("its text"), SCRIPT);
        assert_eq!(window.run("return document.title").await, format!("{SCRIPT} \u{2013} Find a product"));
    });
}

/// The page that is at `/products/` leads to the program's own.
#[test]
fn the_static_page_leads_there() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        for scripts in ["off", "on"] {
            window.devtools("Emulation.setScriptExecutionDisabled", json!({"value": scripts == "off"}));
            window.open("/products/").await;
            window.see("//p[@id='status'][starts-with(., 'Showing the first 20 ')]").await;
            assert_eq!(window.path().await, "/wsgi/myapp.py?format=html", "scripts are {scripts}");
        }
        window.open("/products/?q=clo").await;
        window.see("//p[@id='status'][starts-with(., '2 result')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?format=html&q=clo");
    });
}

#[test]
fn without_javascript() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        window.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}));
        window.open(PAGE).await;
        window.press(&format!("clo{}", Key::Enter)).await;
        window.see("//p[starts-with(., '2 result')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");
        window.see("//a[.='Clock']").await.click().await.expect("a click");
        window.see("//h2[.='Clock']").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A001&q=clo&format=html");
        window.see("//a[starts-with(., 'Results for')]").await.click().await.expect("a click");
        window.see("//p[@id='status'][starts-with(., '2 results')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=clo&format=html");
        let search = window.see("//input[@type='search']").await;
        search.clear().await.expect("nothing in it");
        search.send_keys(&format!("lamp{}", Key::Enter)).await.expect("keys");
        window.see("//p[starts-with(., 'Showing the first 20 ')]").await;
        for (first, count) in [("Lamp no. 21", "20 more results"), ("Lamp no. 41", "5 more results")] {
            window.see("//a[.='Show more']").await.click().await.expect("a click");
            window.see(&format!("//tbody/tr[1][contains(., '{first}')]")).await;
            window.see(&format!("//p[starts-with(., '{count}')]")).await;
        }
        window.see("//a[.='First page']").await.click().await.expect("a click");
        window.see("//p[starts-with(., 'Showing the first 20 results')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=lamp&format=html");
        window.open("/wsgi/myapp.py?format=html&q=xyzzy").await;
        window.see("//a[.='See all products']").await.click().await.expect("a click");
        window.see("//p[starts-with(., 'Showing the first 20 ')]").await;
        assert_eq!(window.path().await, "/wsgi/myapp.py?q=&format=html");
    });
}
