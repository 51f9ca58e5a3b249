//! Products that are so called, or have this id, but for case and normal form.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::ControlFlow;

use anyhow::Result;

use super::index::Index;
use super::layout::Blocks;
use super::terms::{counted, folded_id, start_key};
use crate::catalogue::fold::{caseless, fold};
use crate::catalogue::product::Product;

/// The product so called, the first by id if there are several.
pub(in crate::catalogue) fn by_name(blocks: &mut dyn Blocks, name: &str) -> Result<Option<Product>> {
    let wanted = LazyCell::new(|| caseless(name));
    let is = |product: &Product| caseless(&product.name) == *wanted;
    let Some(mut index) = Index::open(blocks)? else { return among_all(blocks, &is, usize::MAX).map(first) };
    let changed = index.blocks.changed()?;
    let start = start_key(&fold(counted(name)));
    let mut found: Vec<Product> = index.blocks.products(&changed)?.into_iter().flatten().filter(is).collect();
    let changed = changed.into_iter().collect();
    for segment in 0..index.contents.segments.len() {
        let products = index.segment(segment).first;
        let mut numbers = Vec::new();
        let places = index.names_before(segment, &start)?..index.segment(segment).products;
        index.each_name(segment, places, &mut |name, product| {
            if name != start.as_bytes() {
                return ControlFlow::Break(());
            }
            numbers.push(products + product);
            ControlFlow::Continue(())
        })?;
        if let Some(product) = first_of(&mut index, &numbers, &changed, &is)? {
            found.push(product);
            break;
        }
    }
    Ok(first(found))
}

/// The one product of which the id differs in case and normal form alone; `None` where there are several, too.
pub(in crate::catalogue) fn by_id(blocks: &mut dyn Blocks, id: &str) -> Result<Option<Product>> {
    let wanted = LazyCell::new(|| caseless(id));
    let is = |product: &Product| caseless(&product.id) == *wanted;
    let mut found = match Index::open(blocks)? {
        None => among_all(blocks, &is, 2)?,
        Some(mut index) => {
            let changed = index.blocks.changed()?;
            let folded = folded_id(id);
            let [these, _] = index.ids_starting(&folded)?;
            let mut found: Vec<Product> = index.blocks.products(&changed)?.into_iter().flatten().filter(is).collect();
            let changed = changed.into_iter().collect();
            for number in these {
                found.extend(first_of(&mut index, &[number], &changed, &is)?);
            }
            found
        }
    };
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The first of these that has not changed.
fn first_of(
    index: &mut Index,
    numbers: &[usize],
    changed: &HashSet<String>,
    is: &dyn Fn(&Product) -> bool,
) -> Result<Option<Product>> {
    for &number in numbers {
        let mut ids = index.ids(&[number])?;
        ids.retain(|id| !changed.contains(id));
        let product = index.blocks.products(&ids)?.pop().flatten();
        if let Some(product) = product.filter(is) {
            return Ok(Some(product));
        }
    }
    Ok(None)
}

/// Those of all products, as many as `most`.
fn among_all(blocks: &mut dyn Blocks, is: &dyn Fn(&Product) -> bool, most: usize) -> Result<Vec<Product>> {
    let mut found = Vec::new();
    blocks.all(&mut |product| {
        if is(&product) && found.len() < most {
            found.push(product);
        }
        Ok(())
    })?;
    Ok(found)
}

fn first(products: Vec<Product>) -> Option<Product> {
    products.into_iter().min_by_key(|product| (folded_id(&product.id), product.id.clone()))
}
