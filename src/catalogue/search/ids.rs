//! Ids in their order, by which products have their numbers.

use std::ops::ControlFlow;

use anyhow::Result;

use super::index::Index;
use super::layout::{Bytes, KEY_END, Kind, damaged};
use super::terms::folded_id;

impl Index<'_> {
    /// How many products have a folded id, and with the same an id, that is before these; or that are these.
    pub(super) fn ids_before(&mut self, folded: &str, id: &str, or_these: bool) -> Result<usize> {
        let wanted = (folded, id);
        let Some((first, bytes)) = self.last(Kind::Ids, 0, &format!("{folded}{KEY_END}{id}\0"))? else { return Ok(0) };
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
        Ok(first + ids.partition_point(is_before))
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
                        let length = rest.number()?;
                        rest.take(length)?;
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
