//! Names: what is found by any bytes as `name` is called so but for its case, and whatever is called so is found.

use product_lookup::catalogue::budget;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::site::{CALLS, Params, SITE};

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let asked = text.trim();
    let query = Serializer::new(String::new()).append_pair("name", &text).finish();
    let params: Params = vec![(b"QUERY_STRING".to_vec(), query.into_bytes())];
    SITE.with(|site| {
        let answer = site.ask(&params, b"");
        match answer.status {
            200 => {
                let product: Value = serde_json::from_slice(&answer.body).expect("JSON");
                let found = product["name"].as_str().expect("a name");
                assert_eq!(found.to_lowercase(), asked.to_lowercase());
            }
            404 => assert!(!site.names.iter().any(|name| name == asked), "{asked:?} is there"),
            400 => assert!(asked.is_empty(), "{asked:?} is a name"),
            other => panic!("{other} for {asked:?}"),
        }
        assert!(budget::calls() <= CALLS, "{} calls for {asked:?}", budget::calls());
    });
}
