//! The string literals of Rust files, as the compiler reads them.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// All string literals of a file: those of its own, with their lines, and those of the tests that stand in it.
#[derive(Default)]
pub struct Literals {
    pub own: Vec<(usize, String)>,
    pub of_tests: Vec<String>,
}

impl Literals {
    pub fn of(file: &Path) -> Literals {
        let source = fs::read_to_string(file).expect("a source");
        let mut literals = Literals::default();
        literals.take(source.parse().expect("Rust"), false);
        literals
    }

    fn take(&mut self, tokens: TokenStream, in_tests: bool) {
        let mut before = [const { String::new() }; 2];
        for token in tokens {
            let text = token.to_string();
            match token {
                // An attribute is not run; a comment of documentation is one.
                TokenTree::Group(_) if before[1] == "#" || (before[0] == "#" && before[1] == "!") => {}
                TokenTree::Group(group) => self.take(group.stream(), in_tests || before[1] == "tests"),
                TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    match syn::Lit::new(literal) {
                        syn::Lit::Str(text) if in_tests => self.of_tests.push(text.value()),
                        syn::Lit::Str(text) => self.own.push((line, text.value())),
                        _ => {}
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
            before.rotate_left(1);
            before[1] = text;
        }
    }
}

/// The files below a folder with this ending, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path, ending),
        false => vec![path],
    };
    entries.into_iter().flat_map(below).filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}
