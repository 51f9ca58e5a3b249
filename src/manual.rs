//! The manual: writes a man page for the program and for each subcommand, and completions for bash, zsh and
//! fish, made of the command line's definitions and the program's tables. `make build` runs this; it is not
//! installed.

mod arguments;
mod help;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use product_lookup::catalogue::import::{KNOWN, Known};
use product_lookup::complain;
use product_lookup::settings::SETTINGS;

use arguments::Arguments;
use help::{EXIT_STATUS, examples_of};

const NAME: &str = "product-lookup";

/// What the Debian package has where.
const FILES: [(&str, &str); 5] = [
    ("/etc/apache2/conf-available/product-lookup.conf", "what Apache is told; the settings are here"),
    ("/var/lib/product-lookup/products.db", "the catalogue, an SQLite file"),
    ("/var/log/product-lookup/debug.log", "the debug log"),
    ("/usr/share/product-lookup/apache", "configurations for Apache to include, each with its own head of help"),
    ("/usr/share/product-lookup/html", "the page, the forms and openapi.json, which describes requests for programs"),
];

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
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
        // clap_complete 4.6 gives bash two names for one thing, where a program's own has a hyphen (its issue 6421).
        let script = String::from_utf8_lossy(&script).replace("product__subcmd__lookup", "product__lookup");
        let name = clap_complete::Generator::file_name(&shell, NAME);
        fs::write(directory.join(name), script)?;
    }
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    program.get_subcommands().chain([&program]).try_for_each(|command| page(command, &program, directory))
}

/// Writes the page of the program or of one of its commands.
fn page(command: &Command, program: &Command, directory: &Path) -> io::Result<()> {
    let is_program = command.get_name() == program.get_name();
    let name = if is_program { "" } else { command.get_name() };
    let version = program.get_version().unwrap_or_default();
    let man = Man::new(command.clone()).manual("product-lookup").source(version);
    let mut file = File::create(directory.join(man.get_filename()))?;
    man.render_title(&mut file)?;
    man.render_name_section(&mut file)?;
    let usage = command.clone().render_usage().to_string();
    section(&mut file, "SYNOPSIS", &[bold(usage.trim_start_matches("Usage: "))], &[])?;
    man.render_description_section(&mut file)?;
    if is_program {
        man.render_subcommands_section(&mut file)?;
    }
    man.render_options_section(&mut file)?;
    if name == "import" {
        headings(&mut file)?;
    }
    settings(&mut file, is_program)?;
    let files = if is_program { &FILES[..] } else { &FILES[1..2] };
    let told = files.iter().map(|(file, what)| (italic(*file), (*what).to_owned()));
    section(&mut file, "FILES", &[roman("Where the Debian package has them:")], &told.collect::<Vec<_>>())?;
    let told = EXIT_STATUS.map(|(status, meaning)| (bold(status), meaning.to_owned()));
    section(&mut file, "EXIT STATUS", &[], &told)?;
    let told: Vec<_> = examples_of(if is_program { NAME } else { name })
        .iter()
        .map(|(line, what)| (roman(format!("{what}:")), format!("$ {line}")))
        .collect();
    if !told.is_empty() {
        section(&mut file, "EXAMPLES", &[], &told)?;
    }
    see_also(&mut file, command, program)
}

/// A section: a paragraph, then terms with what there is to say of each.
fn section(out: &mut impl Write, heading: &str, paragraph: &[Inline], terms: &[(Inline, String)]) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    if !paragraph.is_empty() {
        roff.text(paragraph);
    }
    for (term, told) in terms {
        roff.control("TP", []).text([term.clone()]).text([roman(told)]);
    }
    roff.to_writer(out)
}

/// How the columns of a file are known, and by which words.
fn headings(out: &mut impl Write) -> io::Result<()> {
    let paragraph = roman(
        "A column is the id, the name or the price where it is headed so exactly, or else by one of these words. \
         Capitals, blanks, hyphens and the like do not count, nor does a currency behind a price. Of the rows of one \
         field the first that knows a heading counts; two columns that it knows compete, and the file is refused. No \
         column is guessed by its position. All others are kept under their headings.",
    );
    let words = KNOWN.iter().map(|Known { field, english, german }| {
        let words = [*english, *german].join(", ");
        (bold(field.name()), words.trim_end_matches(", ").to_owned())
    });
    section(out, "HEADINGS", &[paragraph], &words.collect::<Vec<_>>())
}

/// All settings with their meaning; a command has the first two, which say where the catalogue is.
fn settings(out: &mut impl Write, all: bool) -> io::Result<()> {
    let paragraph = match all {
        true => {
            "What a web server sends with a request (SetEnv, fastcgi_param) goes before the process's own environment. \
             What cannot be parsed is named on stderr, and the default holds."
        }
        false => "Of the settings, which product-lookup(1) lists:",
    };
    let shown = if all { &SETTINGS[..] } else { &SETTINGS[..2] };
    let told = shown.iter().map(|setting| {
        let told = format!("{} (default: {})", setting.help, setting.default_in_units()).replace('`', "");
        (bold(setting.name), told)
    });
    section(out, "ENVIRONMENT", &[roman(paragraph)], &told.collect::<Vec<_>>())
}

/// The pages of the program and of the other commands.
fn see_also(out: &mut impl Write, command: &Command, program: &Command) -> io::Result<()> {
    let others = [program].into_iter().chain(program.get_subcommands());
    let others = others.filter(|other| other.get_name() != command.get_name());
    let names: Vec<_> =
        others.map(|other| format!("{}(1)", other.get_display_name().unwrap_or(other.get_name()))).collect();
    section(out, "SEE ALSO", &[roman(names.join(", "))], &[])
}
