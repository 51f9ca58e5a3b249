//! Every page in every state: how it looks, to people and to those who have it read to them.

use product_lookup::catalogue::import::{Options, import};
use serde_json::json;

use super::shop::{self, shop};
use super::{Window, browse};
use crate::servers::{Site, http};

/// A page as somebody has it before them.
struct State {
    /// Where it is.
    path: &'static str,
    /// What happens to its script before anything is typed.
    script: &'static str,
    /// What is typed.
    keys: &'static str,
    /// An XPath of what is there then.
    shows: &'static str,
    /// What the browser complains about, which the reply's status is reason enough for.
    complains: &'static [&'static str],
}

const fn page(path: &'static str, shows: &'static str) -> State {
    State { path, script: "", keys: "", shows, complains: &[] }
}

const fn typed(keys: &'static str, shows: &'static str) -> State {
    State { path: "/myapp?format=html", script: "", keys, shows, complains: &[] }
}

const STATES: [State; 19] = [
    page("/products/get.html", "//button"),
    page("/products/post.html", "//button"),
    typed("", "//p[.='Showing the first 20 products']"),
    typed("clo", "//p[@id='status'][starts-with(., '2 results')]"),
    typed("lamp", "//tr[contains(., 'Lamp no. 20')]"),
    typed("n0", "//p[@id='status'][starts-with(., '4 results')]"),
    typed("xyzzy", "//a[.='See all products']"),
    typed("clokc", "//a[@id='meant'][.='Clock']"),
    State { script: "window.fetch = () => new Promise(() => {})", ..typed("clo", "//p[.='Searching…']") },
    State {
        script: "window.fetch = () => Promise.reject(new TypeError())",
        ..typed("clo", "//p[@id='again'][not(@hidden)]")
    },
    page("/myapp?format=html&q=clo", "//p[starts-with(., '2 results')]"),
    page("/myapp?format=html&q=lamp", "//a[@rel='next']"),
    page("/myapp?format=html&q=n0", "//p[starts-with(., '4 results')]"),
    page("/myapp?format=html&q=xyzzy", "//p[starts-with(., 'No products match')]"),
    page("/myapp?format=html&id=A001", "//h2[.='Clock']"),
    page("/myapp?format=html&id=N001", "//h2[starts-with(., '<script>')]"),
    page("/myapp?format=html&id=N002", "//h2"),
    page(
        "/myapp?format=html&id=N003",
        "//data[.='12\u{202f}345\u{202f}678\u{202f}901\u{202f}234\u{202f}567\u{202f}890.123456']",
    ),
    State {
        complains: &[
            "/myapp?format=html&id=none - Failed to load resource: the server responded with a status of 404 (Not Found)",
        ],
        ..page("/myapp?format=html&id=none", "//p[.='No product has the id \"none\".']")
    },
];

/// Digests of the style and the script that are in a page, as its policy has to name them.
const DIGESTS: &str = "const done = arguments[0];
    const digest = async (element) => {
        const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(element.textContent));
        return `${element.localName}-src 'sha256-${btoa(String.fromCharCode(...new Uint8Array(bytes)))}';`;
    };
    Promise.all([...document.querySelectorAll('style, script')].map(digest)).then(done);";

/// What axe-core finds against a page: rule, then where.
const AXE: &str = "const done = arguments[0];
    const places = ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`;
    axe.run(document).then(({ violations }) => done(violations.map(places)), (error) => done([String(error)]));";

fn axe() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(path).expect("axe-core: `make test` gets it")
}

/// Looks at what is shown, on a phone and on a desk, in light and dark.
async fn inspect(window: &Window, name: &str) {
    window.run(&axe()).await;
    for width in [360, 1280] {
        let metrics = json!({"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": false});
        window.devtools("Emulation.setDeviceMetricsOverride", metrics);
        let overflow = "return document.scrollingElement.scrollWidth - innerWidth";
        let overflow = window.run(overflow).await.as_i64().expect("a number");
        assert!(overflow <= 0, "{name}: {overflow} pixels too many at {width}");
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            window.devtools("Emulation.setEmulatedMedia", media);
            let found = window.client.execute_async(AXE, vec![]).await.expect("a list");
            assert_eq!(found, json!([]), "{name} at {width}, {scheme}");
        }
    }
}

#[test]
fn every_page() {
    let (_folder, site) = shop();
    browse(&site, async |window| {
        for state in &STATES {
            window.open(state.path).await;
            window.run(state.script).await;
            if !state.keys.is_empty() {
                window.press(state.keys).await;
            }
            window.see(state.shows).await;
            let name = format!("{} {}", state.path, state.keys);
            inspect(window, &name).await;
            assert_eq!(window.console(), state.complains, "{name}");
        }
    });
}

/// As a shop has them: long headings, texts without a blank, of several lines and from right to left.
const COLUMNS: [(&str, &str); 12] = [
    ("Artikelnummer des Herstellers", "4006381333931-0815-WANDKALENDERHALTERUNG-SCHWARZ-MATT"),
    ("stock", "7"),
    (
        "image_url",
        "https://shop.example/images/products/2026/11/wandkalenderhalterungsbefestigungsschrauben.jpg?width=1200",
    ),
    ("Wandkalenderhalterungsbefestigungsschraubensortimentskastenbeschreibung", "x"),
    ("Body (HTML)", "<p>A <b>clock</b>.</p>\n\nLine two\n  and three"),
    ("שם", "שעון קיר, 30 ס\"מ"),
    ("説明", "壁掛け時計静音電波時計木製フレーム直径三十センチメートル壁掛け時計静音電波時計木製フレーム"),
    ("Weight (g)", "1250"),
    ("colours", "red,green,blue,cyan,magenta,yellow,black,white,grey,orange,purple,brown,pink"),
    ("tax", "19.0000000000000000000000000000000000000000000000000000000000000"),
    ("empty", ""),
    ("note", "a b c d e f g h i j k l m n o p q r s t u v w x y z"),
];

#[test]
fn products_of_twelve_more_columns() {
    let (folder, site) = shop::closed_shop();
    let row = |id: &str| {
        let own = [("id", id), ("name", shop::LONG), ("price", "1234567.50")];
        let members = own.into_iter().chain(COLUMNS).map(|(name, value)| (name.to_owned(), json!(value)));
        serde_json::Value::Object(members.collect())
    };
    let [file, catalogue] = ["products.json", "products.db"].map(|name| folder.path().join(name));
    std::fs::write(&file, json!([row("A1"), row("A2")]).to_string()).expect("a file");
    import(&file, &catalogue, &Options::default()).expect("an import");
    browse(&site, async |window| {
        for (path, shows) in [
            (
                "/myapp?format=html&id=A1",
                "//dd/bdi[.='red,green,blue,cyan,magenta,yellow,black,white,grey,orange,purple,brown,pink']",
            ),
            ("/myapp?format=html&q=&fields=*", "//p[.='2 products']"),
            ("/myapp?format=html&ids=A1&ids=A2&fields=*", "//p[.='2 products']"),
        ] {
            window.open(path).await;
            window.see(shows).await;
            inspect(window, path).await;
        }
    });
}

#[test]
fn a_page_of_an_error() {
    let (_folder, site) = shop::closed_shop();
    browse(&site, async |window| {
        window.open("/myapp?format=html&q=clo").await;
        window.see("//a[.='Try again']").await;
        inspect(window, "the error").await;
        let refused = "/myapp?format=html&q=clo - Failed to load resource: the server responded with a status of 503 (Service Unavailable)";
        assert_eq!(window.console(), [refused]);
    });
}

#[test]
fn policies_name_what_is_there() {
    browse(&Site::default(), async |window| {
        window.open("/myapp?format=html&id=A001").await;
        let digests = window.client.execute_async(DIGESTS, vec![]).await.expect("a list");
        let digests = digests.as_array().expect("a list").iter().map(|digest| digest.as_str().expect("text"));
        let reply = http::get(window.server.addr, "/myapp?format=html&id=A001");
        let policy = reply.header("Content-Security-Policy").expect("a policy");
        let lacking: Vec<&str> = digests.clone().filter(|digest| !policy.contains(digest)).collect();
        assert_eq!((digests.count(), lacking), (2, vec![]), "{policy}");
    });
}
