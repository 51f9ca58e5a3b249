//! Finding products: what is a word of a product, what a question asks, and which products answer it, how well. An
//! index, which any store keeps as rows of bytes, proposes them; `Question::rank` alone decides.

mod block;
pub(super) mod build;
mod find;
mod groups;
mod ids;
mod index;
pub(super) mod layout;
mod level;
mod marks;
mod merge;
mod names;
pub(super) mod page;
mod products;
mod question;
mod run;
mod same;
mod spool;
mod suggest;
pub(super) mod terms;
mod tiers;

pub use self::marks::marks;
pub use self::question::Question;
pub(super) use self::same::{by_id, by_name};

use anyhow::Result;

use self::layout::Blocks;
use self::page::{Found, Search};

/// One page of the products that a question finds; where that is none, what was probably meant.
pub(super) fn find(blocks: &mut dyn Blocks, search: &Search) -> Result<Found> {
    let mut found = find::find(blocks, search)?;
    if found.products.is_empty() && search.after.is_none() {
        found.suggestion = suggest::suggest(blocks, &search.question)?;
    }
    Ok(found)
}
