//! Ids in their order, by which products have their numbers.

use std::ops::{ControlFlow, Range};

use anyhow::Result;

use super::index::{Index, after_all, after_these};
use super::layout::{Bytes, KEY_END, Kind, damaged};
use super::terms::folded_id;

impl Index<'_> {
    /// The numbers of the products with a folded id, and of those whose folded id starts with it.
    pub(super) fn ids_starting(&mut self, folded: &str) -> Result<[Range<usize>; 2]> {
        let (first, next) = self.ids_bound(folded, "", false)?;
        if next.is_some_and(|next| !next.starts_with(folded)) {
            return Ok([first..first, first..first]);
        }
        let [these, all] = [after_these(folded), after_all(folded)].map(|end| self.ids_before(&end, "", false));
        Ok([first..these?, first..all?])
    }

    /// How many products have a folded id, and with the same an id, that is before these; or that are these.
    pub(super) fn ids_before(&mut self, folded: &str, id: &str, or_these: bool) -> Result<usize> {
        Ok(self.ids_bound(folded, id, or_these)?.0)
    }

    /// The same, and the folded id of the next product, if it is in the same block.
    fn ids_bound(&mut self, folded: &str, id: &str, or_these: bool) -> Result<(usize, Option<String>)> {
        let wanted = (folded, id);
        let Some((first, bytes)) = self.last(Kind::Ids, 0, &format!("{folded}{KEY_END}{id}\0"))? else {
            return Ok((0, None));
        };
        let mut rest = Bytes(&bytes);
        let mut ids = Vec::new();
        while !rest.is_empty() {
            ids.push(rest.text()?);
        }
        let is_before = |id: &&str| {
            let key = folded_id(id);
            let here = (key.as_str(), *id);
            here < wanted || or_these && here == wanted
        };
        let before = ids.partition_point(is_before);
        Ok((first + before, ids.get(before).copied().map(folded_id)))
    }

    /// The ids of products by their numbers, which are in any order. Of those in a row, a block is read once.
    pub(super) fn ids(&mut self, numbers: &[usize]) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        while let Some(&wanted) = numbers.get(ids.len()) {
            let before = ids.len();
            self.read(Kind::Ids, 0, wanted..wanted + 1, &mut |first, bytes| {
                let (mut rest, mut number) = (Bytes(bytes), first);
                while let Some(&next) = numbers.get(ids.len()).filter(|&&next| next >= number) {
                    while number < next && !rest.is_empty() {
                        rest.sized()?;
                        number += 1;
                    }
                    if rest.is_empty() {
                        break;
                    }
                    ids.push(rest.text()?.to_owned());
                    number += 1;
                }
                Ok(ControlFlow::Break(()))
            })?;
            if ids.len() == before {
                return Err(damaged());
            }
        }
        Ok(ids)
    }
}
