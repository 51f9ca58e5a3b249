//! `product-lookup check`: each cause of a broken installation is broken for real, told in these
//! words, and mended by the commands that are printed; what is another's stays as it is.

mod answers;
mod causes;
mod hostile;
mod httpd;
mod live;
mod others;
mod told;
mod tree;
mod well;

use tree::Tree;

/// What is broken, in the words that were printed, with the commands.
fn broken(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let told = lines.iter().filter_map(|line| line.strip_prefix("  broken  ").or(line.strip_prefix("    ")));
    told.map(|line| format!("{line}\n")).collect()
}

/// The commands that were printed.
fn commands(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("    $ ")).collect()
}
