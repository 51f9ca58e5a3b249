//! Pages for people: in goes a result, out comes a page that needs nothing but itself.

use std::fmt;

use super::failure::Problem;
use crate::catalogue::Product;

/// Nothing is loaded, nothing runs; the one style is the page's own, named by its SHA-256.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-HRiAOiOR8/Wzy1+plaOwd3NMhWubvsuze760dK6YXL0='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
body{max-width:40rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}\
dt{opacity:.75}dd{margin:0 0 1rem;font-size:1.5rem}\
label{display:block}input,button{font:inherit;padding:.4rem .6rem;max-width:100%}";

/// Where people ask: an ordinary form, which asks the page that it stands on.
pub const SEARCH_FORM: &str = "\
<form method=\"get\" role=\"search\">\
<p><label for=\"id\">Product id</label> <input id=\"id\" name=\"id\"></p>\
<p><label for=\"name\">or its name</label> <input id=\"name\" name=\"name\"></p>\
<p><input type=\"hidden\" name=\"format\" value=\"html\"><button>Look up</button></p>\
</form>";

/// A product.
pub(super) fn product(product: &Product) -> String {
    let (name, price) = (Escaped(&product.name), product.price);
    page(
        &product.name,
        format_args!("<h1>{name}</h1><dl><dt>Name</dt><dd dir=\"auto\">{name}</dd><dt>Price</dt><dd>{price}</dd></dl>"),
    )
}

/// A lookup that failed.
pub(super) fn problem(problem: &Problem) -> String {
    page(problem.title, format_args!("<h1>{}</h1><p>{}</p>{SEARCH_FORM}", problem.title, Escaped(&problem.detail)))
}

/// A lookup that asked nothing.
pub(super) fn search(problem: &Problem) -> String {
    page("Product lookup", format_args!("<h1>Product lookup</h1><p>{}</p>{SEARCH_FORM}", Escaped(&problem.detail)))
}

fn page(title: &str, content: fmt::Arguments) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>{content}</main>\n</body>\n</html>\n",
        Escaped(title)
    )
}

/// Text in an element or in a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        Ok(())
    }
}
