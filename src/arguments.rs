//! What may be typed: the subcommands and their options, which the help, the man pages and the completions follow.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use product_lookup::check::Target;
use product_lookup::gateway::fastcgi::listen::Address;

use crate::help;

/// Look up product names and prices, over CGI, FastCGI or from a shell
///
/// A web server starts it without a command. It finds out by itself how: with a listening socket on descriptor 0
/// (mod_fcgid, spawn-fcgi, a systemd socket) it stays and answers FastCGI requests; with GATEWAY_INTERFACE,
/// REQUEST_METHOD or QUERY_STRING in its environment (mod_cgi, mod_cgid, a shell) it answers one request. The commands
/// are for people: they fill the catalogue, look into it, and find out what is wrong.
#[derive(Parser)]
#[command(version, after_help = help::examples("product-lookup"), after_long_help = help::of_program())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve FastCGI on a socket of its own
    ///
    /// For mod_proxy_fcgi, nginx and others that connect to a socket. It prints one line when it is ready. On SIGTERM,
    /// SIGINT and SIGUSR1 it takes no new connection, finishes the requests in flight, and leaves; SIGUSR2 has it write
    /// what it has counted to the debug log. An address other than loopback needs FCGI_WEB_SERVER_ADDRS, which names the
    /// web servers that may connect, by addresses with commas between them.
    #[command(after_help = help::examples("serve"))]
    Serve {
        /// Where to listen
        #[arg(long, value_name = "unix:PATH|HOST:PORT")]
        listen: Address,
    },
    /// Import products from CSV, JSON or a workbook into the catalogue (all of the file, or nothing)
    ///
    /// It updates products that are there and adds others; a column that the file has not keeps its values. Lookups
    /// go on meanwhile, and see all of an import or none. The catalogue is what PRODUCTS_DB names, else products.db
    /// beside the program. A line that is no product, or whose id came before with other values, is bad: the first 20
    /// are named, and nothing is imported.
    #[command(after_help = help::examples("import"))]
    Import(Box<Import>),
    /// Write the catalogue to stdout as CSV or JSON, ready for import
    #[command(after_help = help::examples("export"))]
    Export {
        /// How to write it
        #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
        format: ExportFormat,
    },
    /// Show products with all their columns, as JSON, a line each
    #[command(after_help = help::examples("get"))]
    Get {
        /// Their ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Search as the page does, and show id, name and price
    #[command(after_help = help::examples("find"))]
    Find {
        /// What to search for
        #[arg(required = true)]
        words: Vec<String>,
        /// How many products at most, up to 100
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,
    },
    /// Change a product, or add one, and show what it was and is
    #[command(after_help = help::examples("set"), group(ArgGroup::new("what").required(true).multiple(true).args(["name", "price", "values"])))]
    Set {
        /// Its id; a new product needs a name and a price
        id: String,
        /// What it is called from now on
        #[arg(long)]
        name: Option<String>,
        /// What it costs from now on
        #[arg(long, allow_hyphen_values = true)]
        price: Option<String>,
        /// What it has in other columns from now on
        #[arg(value_name = "COLUMN=VALUE", value_parser = column_value)]
        values: Vec<(String, String)>,
    },
    /// Take products out of the catalogue: all of these or, where one is not there, none
    #[command(after_help = help::examples("remove"))]
    Remove {
        /// Their ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Make the index of words anew, where many rows were changed by hand
    Index,
    /// Find common installation problems and print the commands that fix them
    ///
    /// It looks at Apache and its modules, at the program, the settings, the catalogue and the debug log, in the order in
    /// which a request passes them. It changes nothing itself, and prints a command only where that surely mends, and
    /// touches nothing that is another's. The exit status is 1 where something is broken. As root it sees most.
    #[command(after_help = help::examples("check"))]
    Check {
        /// Ask a live server too, by GET and by POST, for example http://localhost/wsgi/myapp.py
        #[arg(long, value_name = "URL")]
        url: Option<Target>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// A file, and how to read it and to take it.
#[derive(Args)]
pub(crate) struct Import {
    /// CSV, JSON, NDJSON, XLSX, XLS or ODS, also gzipped; its bytes say which. - is stdin
    ///
    /// CSV has a header row, then commas, semicolons, tabs or bars between its values, also behind a sep= line. JSON is an
    /// array of objects, or an object with one such array; NDJSON is an object a line. Of a workbook, numbers are taken
    /// with the 15 digits that a person sees there; an id like ="0012", as spreadsheets have it, is 0012. Text is in
    /// UTF-8, or in UTF-16 with its mark, unless --encoding says otherwise. What is none of these is refused, and said by
    /// name.
    pub(crate) file: PathBuf,
    /// The column with the id, by its heading or its number from 1 [default: the one headed id, sku, ...]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: Option<String>,
    /// The column with the name [default: the one headed name, title, ...]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) name: Option<String>,
    /// The column with the price [default: the one headed price, regular price, ...]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) price: Option<String>,
    /// The column with the id, by its number
    #[arg(long, value_name = "N", value_parser = column, conflicts_with = "id")]
    pub(crate) id_column: Option<usize>,
    /// The column with the name, by its number
    #[arg(long, value_name = "N", value_parser = column, conflicts_with = "name")]
    pub(crate) name_column: Option<usize>,
    /// The column with the price, by its number
    #[arg(long, value_name = "N", value_parser = column, conflicts_with = "price")]
    pub(crate) price_column: Option<usize>,
    /// Keep just these further columns [default: all]
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub(crate) only: Option<Vec<String>>,
    /// The sheet of a workbook that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// What a text without a mark is in, for example windows-1252 [default: utf-8]
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// How prices are written: comma is 1.299,00 and point is 1,299.00 [default: 1299.00]
    ///
    /// It is needed where a price like 1.299 may be in thousands or not, and no other shows it.
    #[arg(long, value_enum)]
    pub(crate) decimal: Option<DecimalMark>,
    /// Leave out lines that are no products, and say which
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Make the file the whole catalogue, instead of updating it and adding to it
    #[arg(long)]
    pub(crate) replace: bool,
    /// Let --replace remove more than half of the products
    #[arg(long, requires = "replace")]
    pub(crate) allow_shrink: bool,
    /// Change products that are there, and add none; the file may lack names or prices
    #[arg(long, conflicts_with = "replace")]
    pub(crate) update: bool,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DecimalMark {
    /// 1.299,00
    Comma,
    /// 1,299.00
    Point,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ExportFormat {
    /// With a header row
    Csv,
    /// An array of objects
    Json,
}

fn column(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&column| column > 0).ok_or_else(|| "columns are counted from 1".to_owned())
}

fn column_value(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("write COLUMN=VALUE")?;
    match column.to_ascii_lowercase().as_str() {
        own @ ("name" | "price") => Err(format!("write --{own} {value}")),
        "id" => Err("an id is never changed; remove that product, and set another".to_owned()),
        _ => Ok((column.to_owned(), value.to_owned())),
    }
}
