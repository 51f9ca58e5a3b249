//! What each subcommand does: it runs it, prints what it found or did, and gives its exit status.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use product_lookup::catalogue::export::{self, export};
use product_lookup::catalogue::import::{BadLines, Column, Columns, Decimal, Imported, Options, import};
use product_lookup::catalogue::{Changed, Source};
use product_lookup::check::{self, Target, check, report};
use product_lookup::gateway::fastcgi::listen::{Address, Listener};
use product_lookup::gateway::request::Params;
use product_lookup::settings::Environment;
use product_lookup::{complain_at_last, thousands};
use rustix::process::nice;

use crate::arguments::{Arguments, Command, DecimalMark, ExportFormat, Import};
use crate::products;

/// Does what the arguments say. Wrong usage ends here, with status 2 and one line on stderr.
pub(crate) fn run() -> ExitCode {
    if let [check, count, file] = &env::args_os().skip(1).collect::<Vec<_>>()[..]
        && (check == "check" && count == check::COUNT)
    {
        return crate::exit_code(run_count(Path::new(file)));
    }
    let command = match Arguments::try_parse() {
        Ok(Arguments { command: Some(command) }) => command,
        Ok(Arguments { command: None }) => {
            let _ = Arguments::command().print_help();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.use_stderr() => {
            complain_at_last(format_args!("{}", on_one_line(&error.to_string())));
            return ExitCode::from(2);
        }
        Err(help_or_version) => {
            let _ = help_or_version.print();
            return ExitCode::SUCCESS;
        }
    };
    crate::exit_code(match command {
        Command::Serve { listen } => serve(&listen),
        Command::Import(arguments) => {
            give_way();
            match run_import(*arguments) {
                Ok(true) => Ok(()),
                Ok(false) => return ExitCode::FAILURE,
                Err(error) => Err(error),
            }
        }
        Command::Export { format } => run_export(format),
        Command::Get { ids } => products::get(&ids),
        Command::Find { words, limit } => products::find(words.join(" "), limit.into()),
        Command::Set { id, name, price, values } => products::set(&id, name.as_deref(), price.as_deref(), &values),
        Command::Remove { ids } => products::remove(&ids),
        Command::Index => {
            give_way();
            products::index()
        }
        Command::Check { url, json } => match run_check(url.as_ref(), json) {
            Ok(0) => Ok(()),
            Ok(_) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
    })
}

/// How much lower the priority is of what takes long, as nice(1) counts.
const NICER: i32 = 10;

/// Where there is not time for all, lookups come first.
fn give_way() {
    // It is slower for others, and no worse.
    let _ = nice(NICER);
}

/// All of clap's message that helps: what is wrong, what may be there, what was meant.
fn on_one_line(told: &str) -> String {
    let lines = told.trim_start_matches("error: ").lines().map(str::trim);
    let helps = lines.take_while(|line| !line.starts_with("Usage: ") && !line.starts_with("For more information"));
    helps.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ").replace(" tip: ", "; ")
}

fn serve(address: &Address) -> anyhow::Result<()> {
    let signals = crate::prepare()?;
    let listener = Listener::bind(address)?;
    crate::serve(&listener, &signals)
}

/// Imports, and says what that did; `false` where it was refused for bad lines, which are told.
fn run_import(arguments: Import) -> anyhow::Result<bool> {
    let column =
        |number: Option<usize>, heading: Option<String>| number.map(Column::Number).or(heading.map(Column::Heading));
    let columns = Columns {
        id: column(arguments.id_column, arguments.id),
        name: column(arguments.name_column, arguments.name),
        price: column(arguments.price_column, arguments.price),
    };
    let options = Options {
        columns,
        only: arguments.only.map(|only| only.into_iter().filter(|heading| !heading.is_empty()).collect()),
        sheet: arguments.sheet,
        encoding: arguments.encoding,
        decimal: arguments.decimal.map(|mark| match mark {
            DecimalMark::Comma => Decimal::Comma,
            DecimalMark::Point => Decimal::Point,
        }),
        skip_bad: arguments.skip_bad,
        replace: arguments.replace,
        allow_shrink: arguments.allow_shrink,
        update: arguments.update,
        dry_run: arguments.dry_run,
        progress: true,
    };
    let environment = Environment::of_process();
    let source = environment.products_file();
    // Root's would be beside /usr/bin/product-lookup, where a web server that knows another never looks.
    let begins_unasked = matches!(environment.products(&Params::default()), Source::BuiltIn) && !options.dry_run;
    let tell = |bad: &BadLines| bad.told().for_each(|line| complain_at_last(format_args!("{line}")));
    let imported = match import(&arguments.file, source.clone(), &options) {
        Ok(imported) => imported,
        Err(error) => {
            let bad = error.downcast::<BadLines>()?;
            tell(&bad);
            complain_at_last(format_args!("nothing was imported; {}", bad.way_out()));
            return Ok(false);
        }
    };
    tell(&imported.bad);
    if begins_unasked {
        complain_at_last(format_args!(
            "PRODUCTS_DB is not set, so a new catalogue was made beside the program: {source}"
        ));
    }
    let told = told(&imported, &source, &options);
    match options.dry_run {
        true => io::stdout().write_all(told.as_bytes())?,
        false => products::tell(told.as_bytes()),
    }
    Ok(true)
}

/// What an import has done, or would do.
fn told(imported: &Imported, source: &Source, options: &Options) -> String {
    let Imported { products, changed: Changed { new, changed, unchanged, removed, all }, .. } = *imported;
    let did = if options.dry_run { "would import" } else { "imported" };
    let missing = products - new - changed - unchanged;
    let others = match (options.replace, options.update) {
        (true, _) => format!(", {} removed", thousands(removed)),
        (_, true) => format!(", {} not there", thousands(missing)),
        _ => String::new(),
    };
    let mut told = format!(
        "{did} {} into {source}: {} new, {} changed, {} unchanged{others}; {} in all\n",
        product_lookup::products(products - missing),
        thousands(new),
        thousands(changed),
        thousands(unchanged),
        thousands(all),
    );
    let quoted =
        |headings: &[String]| headings.iter().map(|heading| format!("{heading:?}")).collect::<Vec<_>>().join(", ");
    let taken: Vec<String> =
        imported.taken.iter().map(|(field, heading)| format!("the {} is {heading:?}", field.name())).collect();
    if !taken.is_empty() {
        told += &format!("{}\n", taken.join(", "));
    }
    if let Some(currency) = imported.currency {
        told += &format!("all prices are in {currency}, which was taken off\n");
    }
    if !imported.kept.is_empty() {
        told += &format!("kept as well: {}\n", quoted(&imported.kept));
    }
    if !imported.left_out.is_empty() {
        told += &format!("not kept, since another column is the id, name or price: {}\n", quoted(&imported.left_out));
    }
    if imported.bad.count() > 0 {
        told += &format!("bad lines that were left out: {}\n", thousands(imported.bad.count()));
    }
    told
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

fn run_count(file: &Path) -> anyhow::Result<()> {
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
            let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            report::text(&findings, !plain && io::stdout().is_terminal(), &mut out)?;
        }
    }
    out.flush()?;
    Ok(report::broken(&findings))
}
