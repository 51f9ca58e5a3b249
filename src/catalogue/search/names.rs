//! Names in their order, and the products that have them.

use std::ops::{ControlFlow, Range};

use anyhow::Result;

use super::index::Index;
use super::layout::{Bytes, Kind, PRODUCT_BYTES, damaged};
use super::products::Products;

impl Index<'_> {
    /// How many names of a segment are before a text.
    pub(super) fn names_before(&mut self, segment: usize, text: &str) -> Result<usize> {
        let Some((first, bytes)) = self.last(Kind::Names, segment, text)? else { return Ok(0) };
        let mut place = first;
        let _ = Names::of(&bytes)?.each(&mut |name, _| {
            if name >= text.as_bytes() {
                return ControlFlow::Break(());
            }
            place += 1;
            ControlFlow::Continue(())
        })?;
        Ok(place)
    }

    /// Gives the names at some places of a segment, in order, with the numbers of their products within it.
    pub(super) fn each_name(
        &mut self,
        segment: usize,
        places: Range<usize>,
        take: &mut dyn FnMut(&[u8], usize) -> ControlFlow<()>,
    ) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        self.read(Kind::Names, segment, places.clone(), &mut |first, bytes| {
            let mut place = first;
            Names::of(bytes)?.each(&mut |name, number| {
                let here = place;
                place += 1;
                if places.contains(&here) { take(name, number) } else { ControlFlow::Continue(()) }
            })
        })
    }

    /// Adds the products of these names.
    pub(super) fn add_named(&mut self, segment: usize, places: Range<usize>, set: &mut Products) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        self.read(Kind::Names, segment, places.clone(), &mut |first, bytes| {
            let names = Names::of(bytes)?;
            for (_, product) in (first..).zip(names.products()).filter(|(place, _)| places.contains(place)) {
                if product >= set.all() {
                    return Err(damaged());
                }
                set.push(product);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        set.tidy();
        Ok(())
    }
}

/// A block of names.
struct Names<'a> {
    products: &'a [u8],
    texts: Bytes<'a>,
}

impl<'a> Names<'a> {
    fn of(bytes: &'a [u8]) -> Result<Names<'a>> {
        let mut rest = Bytes(bytes);
        let count = rest.number()?;
        let products = rest.take(count.checked_mul(PRODUCT_BYTES).ok_or_else(damaged)?)?;
        Ok(Names { products, texts: rest })
    }

    fn products(&self) -> impl Iterator<Item = usize> + use<'a> {
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte));
        self.products.chunks_exact(PRODUCT_BYTES).map(number)
    }

    fn each(mut self, take: &mut dyn FnMut(&[u8], usize) -> ControlFlow<()>) -> Result<ControlFlow<()>> {
        let mut name = Vec::new();
        for product in self.products() {
            name.truncate(self.texts.number()?);
            name.extend_from_slice(self.texts.sized()?);
            if take(&name, product).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
