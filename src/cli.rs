//! What each subcommand does: it runs it, prints what it found or did, and gives its exit status.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use product_lookup::catalogue::export::{self, export};
use product_lookup::catalogue::import::{Columns, Options, import};
use product_lookup::check::{self, Target, check, report};
use product_lookup::complain_at_last;
use product_lookup::gateway::fastcgi::listen::{Address, Listener};
use product_lookup::gateway::request::Params;
use product_lookup::settings::Environment;

use crate::arguments::{Arguments, Command, ExportFormat};
use crate::products;

/// Does what the arguments say. Wrong usage ends here, with status 2 and one line on stderr.
pub(crate) fn run() -> ExitCode {
    let command = match Arguments::try_parse() {
        Ok(Arguments { command: Some(command) }) => command,
        Ok(Arguments { command: None }) => {
            let _ = Arguments::command().print_help();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.use_stderr() => {
            let told = error.to_string();
            complain_at_last(format_args!("{}", told.lines().next().unwrap_or_default().trim_start_matches("error: ")));
            return ExitCode::from(2);
        }
        Err(help_or_version) => {
            let _ = help_or_version.print();
            return ExitCode::SUCCESS;
        }
    };
    crate::exit_code(match command {
        Command::Serve { listen } => serve(&listen),
        Command::Import { file, id_column, name_column, price_column, replace } => {
            let columns = Columns { id: id_column, name: name_column, price: price_column };
            run_import(&file, &Options { columns, replace })
        }
        Command::Export { format } => run_export(format),
        Command::Get { ids } => products::get(&ids),
        Command::Find { words, limit } => products::find(words.join(" "), limit.into()),
        Command::Set { id, name, price, values } => products::set(&id, name.as_deref(), price.as_deref(), &values),
        Command::Remove { ids } => products::remove(&ids),
        Command::Index => products::index(),
        Command::Check { count: Some(file), .. } => run_count(&file),
        Command::Check { url, json, count: None } => match run_check(url.as_ref(), json) {
            Ok(0) => Ok(()),
            Ok(_) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
    })
}

fn serve(address: &Address) -> anyhow::Result<()> {
    let signals = crate::prepare()?;
    let listener = Listener::bind(address)?;
    crate::serve(&listener, &signals)
}

fn run_import(file: &std::path::Path, options: &Options) -> anyhow::Result<()> {
    let imported = import(file, Environment::of_process().products_file(), options)?;
    let seconds = imported.elapsed.as_secs_f64();
    let rate = imported.products as f64 / seconds.max(f64::MIN_POSITIVE);
    let products = imported.products;
    writeln!(io::stdout(), "imported {products} products in {seconds:.2} s ({rate:.0} per second)")?;
    Ok(())
}

fn run_export(format: ExportFormat) -> anyhow::Result<()> {
    let source = Environment::of_process().products(&Params::default());
    let format = match format {
        ExportFormat::Csv => export::Format::Csv,
        ExportFormat::Json => export::Format::Json,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    export(&source, format, &mut out)?;
    Ok(out.flush()?)
}

fn run_count(file: &std::path::Path) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{}", check::count(file)?)?)
}

/// Writes what is found, and returns how many things are broken.
fn run_check(url: Option<&Target>, json: bool) -> anyhow::Result<usize> {
    let findings = check(url);
    let mut out = BufWriter::new(io::stdout().lock());
    match json {
        true => report::json(&findings, &mut out)?,
        false => {
            // https://no-color.org: set to anything but nothing.
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            report::text(&findings, !plain && io::stdout().is_terminal(), &mut out)?;
        }
    }
    out.flush()?;
    Ok(report::broken(&findings))
}
