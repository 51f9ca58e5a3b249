//! A case as a CGI program or a FastCGI responder gets it.

use crate::cases::Case;

/// The variables that a web server makes of a request, with the path split as mod_fcgid does it.
pub fn variables(case: &Case) -> Vec<(Vec<u8>, Vec<u8>)> {
    let path = percent_decoded(case.path);
    let (script, info) = match path.match_indices('/').nth(if path.starts_with("/wsgi") { 2 } else { 1 }) {
        Some((at, _)) => path.split_at(at),
        None => (path.as_str(), ""),
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
