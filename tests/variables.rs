//! A case as a CGI program or a FastCGI responder gets it.

use crate::cases::Case;

/// How a web server splits a path between SCRIPT_NAME and PATH_INFO.
#[derive(Clone, Copy)]
pub enum Split {
    /// After the script, as Apache does.
    Script,
    /// All of it is SCRIPT_NAME, as for nginx.
    ScriptName,
    /// All of it is PATH_INFO, and SCRIPT_NAME is this, as for h2o.
    PathInfo(&'static str),
}

/// The variables that Apache makes of a request.
pub fn variables(case: &Case) -> Vec<(Vec<u8>, Vec<u8>)> {
    variables_by(case, Split::Script)
}

/// The variables that a web server makes of a request.
pub fn variables_by(case: &Case, split: Split) -> Vec<(Vec<u8>, Vec<u8>)> {
    let path = percent_decoded(case.path);
    let script_end = path.match_indices('/').nth(if path.starts_with("/wsgi") { 2 } else { 1 });
    let (script, info) = match (split, script_end) {
        (Split::Script, Some((at, _))) => path.split_at(at),
        (Split::PathInfo(script), _) => (script, path.as_str()),
        _ => (path.as_str(), ""),
    };
    let mut variables: Vec<(Vec<u8>, Vec<u8>)> = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("REQUEST_METHOD", case.method),
        ("SCRIPT_NAME", script),
        ("PATH_INFO", info),
        ("QUERY_STRING", case.query),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    for (name, value) in &case.fields {
        let name = name.to_uppercase().replace('-', "_");
        let name = if name == "CONTENT_TYPE" { name } else { format!("HTTP_{name}") };
        variables.push((name.into(), value.clone()));
    }
    if let Some(body) = &case.body {
        variables.push(("CONTENT_LENGTH".into(), body.len().to_string().into()));
    }
    variables
}

fn percent_decoded(path: &str) -> String {
    url::form_urlencoded::parse(path.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
