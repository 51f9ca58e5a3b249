//! Who may read and keep a reply: pages of other origins, caches, and clients that have it already.

use product_lookup::apps::{APPS, Apps};
use product_lookup::gateway::Handler;
use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::settings::Environment;

const SHOP: &str = "https://shop.example";
const TAG: &str = "ff6bdfc5bd58843080cc8a4ee250dad2";

/// The reply to a request with these variables.
fn ask(pairs: &[(&str, &str)]) -> Reply {
    let apps = Apps::new(APPS, Environment::new(|_| None, "/nowhere".into()));
    let params: Params = pairs.iter().copied().collect();
    apps.handle(&Request { params, body: Ok(Default::default()) }).expect("a reply")
}

/// The fields that are about origins, a line each.
fn fields(reply: &Reply) -> Vec<String> {
    let about = |name: &str| name.starts_with("Access-Control-") || name == "Vary";
    reply.headers.iter().filter(|(name, _)| about(name)).map(|(name, value)| format!("{name}: {value}")).collect()
}

#[test]
fn nobody_elsewhere_unless_it_is_set() {
    let reply = ask(&[("QUERY_STRING", "id=A001"), ("HTTP_ORIGIN", SHOP)]);
    assert_eq!((reply.status, fields(&reply)), (200, vec!["Vary: Accept".to_owned()]));
}

#[test]
fn every_reply_to_an_origin_that_is_listed() {
    let exposed = "Access-Control-Expose-Headers: Link, ETag, Retry-After, Allow, Accept-Post, Accept-Encoding";
    let listed = format!("Access-Control-Allow-Origin: {SHOP}");
    let tag = format!("\"{TAG}\"");
    let id = ("QUERY_STRING", "id=A001");
    for (status, more, vary) in [
        (200, vec![id], "Vary: Accept, Origin"),
        (304, vec![id, ("HTTP_IF_NONE_MATCH", tag.as_str())], "Vary: Accept, Origin"),
        (400, vec![("QUERY_STRING", "")], "Vary: Accept, Origin"),
        (404, vec![("QUERY_STRING", "id=none")], "Vary: Accept, Origin"),
        (405, vec![("REQUEST_METHOD", "PUT")], "Vary: Accept, Origin"),
        (503, vec![id, ("PRODUCTS_DB", "/nowhere/x")], "Vary: Accept, Origin"),
        (200, vec![("SCRIPT_NAME", "/sample")], "Vary: Origin"),
    ] {
        for origins in [SHOP, "http://a.example:8080 https://shop.example\tcapacitor://localhost"] {
            let pairs = [more.clone(), vec![("ALLOW_ORIGIN", origins), ("HTTP_ORIGIN", SHOP)]].concat();
            let reply = ask(&pairs);
            let mut told = fields(&reply);
            told.sort();
            assert_eq!(
                (reply.status, told),
                (status, vec![listed.clone(), exposed.to_owned(), vary.to_owned()]),
                "{pairs:?}"
            );
        }
    }
}

#[test]
fn other_origins_get_nothing_but_word_that_they_differ() {
    for origin in ["https://shop.example.evil.example", "http://shop.example", "https://shop.exampl", "null", ""] {
        let reply = ask(&[("QUERY_STRING", "id=A001"), ("ALLOW_ORIGIN", SHOP), ("HTTP_ORIGIN", origin)]);
        assert_eq!(fields(&reply), ["Vary: Accept, Origin"], "{origin}");
    }
}

#[test]
fn any_origin() {
    let reply = ask(&[("QUERY_STRING", "id=A001"), ("ALLOW_ORIGIN", " * ")]);
    let [vary, origin, _] = &fields(&reply)[..] else { panic!("{reply:?}") };
    assert_eq!([vary, origin], ["Vary: Accept", "Access-Control-Allow-Origin: *"]);
}

/// Before it sends JSON, a browser asks whether it may.
#[test]
fn a_preflight() {
    let asks = [("REQUEST_METHOD", "OPTIONS"), ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"), ("HTTP_ORIGIN", SHOP)];
    let reply = ask(&[&asks[..], &[("ALLOW_ORIGIN", SHOP)]].concat());
    assert_eq!(reply.status, 204);
    let expected = [
        "Vary: Origin".to_owned(),
        format!("Access-Control-Allow-Origin: {SHOP}"),
        "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS".to_owned(),
        "Access-Control-Allow-Headers: content-type".to_owned(),
    ];
    assert_eq!(fields(&reply), expected);
    assert_eq!(fields(&ask(&asks)), [""; 0], "not unless it is set");
}

/// What no page's origin can be opens nothing.
#[test]
fn origins_that_are_none() {
    for origins in [
        "shop.example",
        "https://shop.example/",
        "https://Shop.example",
        "https://shop.example:443",
        "* https://shop.example",
        "https://ann@shop.example",
        "null",
    ] {
        let reply = ask(&[("QUERY_STRING", "id=A001"), ("ALLOW_ORIGIN", origins), ("HTTP_ORIGIN", origins)]);
        assert_eq!(fields(&reply), ["Vary: Accept"], "{origins}");
    }
}

/// What one user was given is for no cache that others ask.
#[test]
fn a_user_has_replies_of_his_own() {
    let cached = [("QUERY_STRING", "id=A001"), ("CACHE_SECONDS", "60")];
    for (more, expected) in [
        (vec![], "public, max-age=60"),
        (vec![("REMOTE_USER", "ann")], "private, max-age=60"),
        (vec![("HTTP_AUTHORIZATION", "Bearer x")], "private, max-age=60"),
        (vec![("REMOTE_USER", "ann"), ("HTTP_IF_NONE_MATCH", "*")], "private, max-age=60"),
        (vec![("REMOTE_USER", "ann"), ("CACHE_SECONDS", "0")], "no-cache"),
    ] {
        let reply = ask(&[&cached[..], &more].concat());
        assert_eq!(reply.header("Cache-Control"), Some(expected), "{more:?}");
    }
}

/// mod_deflate and mod_brotli add what they compressed with to a tag, nginx makes it weak.
#[test]
fn tags_that_web_servers_have_changed() {
    let quoted = |tag: &str| tag.replace("TAG", TAG);
    for tag in ["\"TAG\"", "\"TAG-gzip\"", "\"TAG-br\"", "W/\"TAG\"", "W/\"TAG-gzip\"", "\"x\" , \"TAG-gzip\"", "*"] {
        assert_eq!(ask(&[("QUERY_STRING", "id=A001"), ("HTTP_IF_NONE_MATCH", &quoted(tag))]).status, 304, "{tag}");
    }
    for tag in ["\"TAG-zstd\"", "\"TAG-\"", "TAG", "\"TAG", "\"-gzip\"", "\"TAGgzip\"", "w/\"TAG\"", "\"x-gzip\""] {
        assert_eq!(ask(&[("QUERY_STRING", "id=A001"), ("HTTP_IF_NONE_MATCH", &quoted(tag))]).status, 200, "{tag}");
    }
}
