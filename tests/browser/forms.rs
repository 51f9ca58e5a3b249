//! The two plain forms, and what a browser shows after a click.

use super::{Window, browse};
use crate::servers::Site;

/// Opens a form, clicks its one button, and gives what the browser then shows.
async fn click(window: &Window, form: &str, button: &str) -> String {
    window.open(form).await;
    window.see(&format!("//button[.='{button}']")).await.click().await.expect("a click");
    // Chromium shows JSON and text in one <pre>; a form has none.
    window.see("//pre").await.text().await.expect("its text")
}

#[test]
fn forms() {
    browse(&Site::default(), async |window| {
        let shown = click(window, "/products/get.html", "List Product A001 Info").await;
        assert_eq!(shown, r#"{"name":"Clock","price":12}"#);
        assert_eq!(window.path().await, "/wsgi/myapp.py?id=A001&format=json");
        let shown = click(window, "/products/post.html", "List Product A002 Info").await;
        assert_eq!(shown, r#"{"name":"Bi-Noculars","price":40}"#);
    });
}
