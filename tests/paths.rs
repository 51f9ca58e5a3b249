//! A path means the same wherever a web server splits it between SCRIPT_NAME and PATH_INFO.

use std::sync::LazyLock;

use product_lookup::apps::{APPS, Apps};
use product_lookup::gateway::Handler;
use product_lookup::gateway::request::Request;
use product_lookup::settings::Environment;
use proptest::collection::vec;
use proptest::prelude::*;

/// The apps on the two products that are built in.
static BUILT_IN: LazyLock<Apps> = LazyLock::new(|| Apps::new(APPS, Environment::new(|_| None, "/nowhere".into())));

/// A segment before the script: no app's name, and no script's.
fn folder() -> impl Strategy<Value = String> {
    let folders = vec!["wsgi", "shop", "cgi-bin", "samples", "my-app", "a b", "\u{e9}", "v1.2", "py", ""];
    proptest::sample::select(folders).prop_map(str::to_owned)
}

/// Ids that look like apps, scripts and folders, and what else may be in one.
fn id() -> impl Strategy<Value = String> {
    let ids = vec!["A001", "sample", "sample.x", "myapp", "myapp.1", "other.py", "x.fcgi", "\u{4e2d}", "a/sample", "-"];
    prop_oneof![proptest::sample::select(ids).prop_map(str::to_owned), "[a-z0-9.]{1,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    /// However a server splits a path between SCRIPT_NAME and PATH_INFO: its first script is asked for the id behind it.
    #[test]
    fn a_path_means_the_same_wherever_it_is_split(
        folders in vec(folder(), 0..3),
        script in proptest::sample::select(vec!["myapp.py", "myapp", "myapp.fcgi", "other.cgi", ".py", "sample", "sample.py"]),
        id in id(),
        split in any::<proptest::sample::Index>(),
    ) {
        let path: String = folders.iter().map(String::as_str).chain([script, &id]).map(|part| format!("/{part}")).collect();
        let starts: Vec<usize> = path.char_indices().map(|(at, _)| at).chain([path.len()]).collect();
        let (before, after) = path.split_at(starts[split.index(starts.len())]);
        let params = [("SCRIPT_NAME", before), ("PATH_INFO", after)].into_iter().collect();
        let request = Request { params, body: Ok(Default::default()) };
        let reply = BUILT_IN.handle(&request).expect("a reply");
        let expected = match (script, id.as_str()) {
            ("sample" | "sample.py", _) => "Hello World!".to_owned(),
            (_, "A001") => r#"{"name":"Clock","price":12}"#.to_owned(),
            (_, id) => format!(
                r#"{{"type":"about:blank","title":"Not Found","status":404,"detail":"No product has the id \"{id}\"."}}"#
            ),
        };
        prop_assert_eq!(String::from_utf8_lossy(&reply.body), expected, "{} + {}", before, after);
    }
}
