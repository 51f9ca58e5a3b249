//! The manual: writes a man page for the program and for each subcommand, and completions for bash, zsh and
//! fish, made of the command line's definitions and the table of settings. `make build` runs this; it is not
//! installed.

mod arguments;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use product_lookup::catalogue::import::{KNOWN, Known};
use product_lookup::complain;
use product_lookup::settings::SETTINGS;

use arguments::Arguments;

const NAME: &str = "product-lookup";

fn main() -> ExitCode {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        complain(format_args!("manual DIRECTORY"));
        return ExitCode::from(2);
    };
    match write(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("{}: {error}", directory.display()));
            ExitCode::FAILURE
        }
    }
}

fn write(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Arguments::command(), NAME, directory)?;
    }
    clap_mangen::generate_to(Arguments::command().disable_help_subcommand(true), directory)?;
    let page = directory.join(format!("{NAME}.1"));
    OpenOptions::new().append(true).open(page)?.write_all(environment_and_exit_status().as_bytes())?;
    let page = directory.join(format!("{NAME}-import.1"));
    OpenOptions::new().append(true).open(page)?.write_all(headings().as_bytes())
}

/// The section of the page of `import` that clap does not know of.
fn headings() -> String {
    let mut section = String::from(
        ".SH HEADINGS\nA column is the id, the name or the price where it is headed so exactly, or else by one of these \
         words. Capitals, blanks, hyphens and the like do not count, nor does a currency behind a price. Of the rows of \
         one field the first that knows a heading counts; two columns that it knows compete, and the file is refused.\n",
    );
    for Known { field, english, german } in &KNOWN {
        let words = [*english, *german].join(", ");
        section += &format!(".TP\n\\fB{}\\fR\n{}\n", field.name(), words.trim_end_matches(", ").replace('-', "\\-"));
    }
    section
}

/// The sections of the first page that clap does not know of.
fn environment_and_exit_status() -> String {
    let mut sections = String::from(".SH ENVIRONMENT\n");
    for setting in &SETTINGS {
        let told = format!("{} (default: {})", setting.help, setting.default_in_units()).replace('`', "");
        sections += &format!(".TP\n\\fB{}\\fR\n{told}\n", setting.name);
    }
    sections + ".SH \"EXIT STATUS\"\n0 done, 1 failed, 2 wrong usage; errors are one line on stderr\n"
}
