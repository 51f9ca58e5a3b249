//! A page: its HTML must be made of the program's own elements and attributes, properly nested, whatever a
//! product or a visitor is called.

const ELEMENTS: &str = "a bdi body button data dd div dl dt form h1 h2 head html input label link main mark meta p script section \
    span style table tbody td th thead title tr";

/// Those without content.
const VOID: &str = "input link meta";

const ATTRIBUTES: &str = "aria-describedby autocapitalize autocomplete autofocus charset class content data-room dir enterkeyhint for hidden href id lang \
    method name rel role scope spellcheck type value";

const REFERENCES: [&str; 5] = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];

pub fn check(page: &str) {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a document type");
    assert!(!page.contains(|c: char| c.is_control() && !c.is_ascii_whitespace()), "{page:?}");
    let mut open: Vec<&str> = Vec::new();
    while let Some((text, tag)) = rest.split_once('<') {
        let own = open.last().is_some_and(|element| ["script", "style"].contains(element));
        assert!(own || escaped(text), "{text:?}");
        let (name, after) = tag.split_at(tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').expect("an end"));
        rest = after;
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{page}");
        } else {
            assert!(among(ELEMENTS, name), "<{name}> in {page}");
            if !among(VOID, name) {
                open.push(name);
            }
            while let Some(attribute) = rest.strip_prefix(' ') {
                let (name, value) = attribute.split_once("=\"").expect("an attribute with a value");
                assert!(among(ATTRIBUTES, name), "{name} in {page}");
                let (value, after) = value.split_once('"').expect("a quote");
                assert!(escaped(value), "{value:?}");
                assert!(
                    name != "href"
                        || value.is_empty()
                        || value.starts_with('?')
                        || value.starts_with("data:image/svg+xml,"),
                    "{value}"
                );
                rest = after;
            }
        }
        rest = rest.strip_prefix('>').expect("the end of a tag");
    }
    assert_eq!((open, rest), (vec![], "\n"), "{page}");
}

fn among(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}

/// Is there nothing in it that means something in HTML?
fn escaped(text: &str) -> bool {
    let reference = |(at, _)| REFERENCES.iter().any(|reference| text[at..].starts_with(reference));
    !text.contains(['<', '>', '"']) && text.match_indices('&').all(reference)
}
