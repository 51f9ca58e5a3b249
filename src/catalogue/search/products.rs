//! Products of a segment, by their numbers in it: a list while they are few, and a bit for each when they are many.

use std::ops::Range;

use fixedbitset::FixedBitSet;

/// A list of four bytes for each product takes no more than a half of the bits of all.
const FEW_IN: usize = 64;

/// A set of them.
#[derive(Clone, Debug)]
pub(super) struct Products {
    /// How many the segment has.
    all: usize,
    /// In their order.
    few: Vec<u32>,
    /// All of them, where there are more.
    many: Option<FixedBitSet>,
}

impl Products {
    /// None of as many as a segment has.
    pub(super) fn none(all: usize) -> Products {
        Products { all, few: Vec::new(), many: None }
    }

    /// Those of a range, as far as the segment has them.
    pub(super) fn range(all: usize, range: Range<usize>) -> Products {
        let mut products = Products::none(all);
        let range = range.start.min(all)..range.end.min(all);
        if range.len() > all / FEW_IN {
            products.bits().insert_range(range);
        } else {
            products.few = range.map(|product| product as u32).collect();
        }
        products
    }

    /// How many the segment has.
    pub(super) fn all(&self) -> usize {
        self.all
    }

    /// The bits from now on.
    fn bits(&mut self) -> &mut FixedBitSet {
        let few = std::mem::take(&mut self.few);
        let many = self.many.get_or_insert_with(|| FixedBitSet::with_capacity(self.all));
        many.extend(few.into_iter().map(|product| product as usize));
        many
    }

    /// Adds one of the segment's; `tidy` follows the last.
    #[inline]
    pub(super) fn push(&mut self, product: usize) {
        match &mut self.many {
            Some(many) => many.insert(product),
            None if self.few.len() > self.all / FEW_IN => self.bits().insert(product),
            None => self.few.push(product as u32),
        }
    }

    /// Puts those that were added in their order.
    pub(super) fn tidy(&mut self) {
        self.few.sort_unstable();
        self.few.dedup();
    }

    pub(super) fn contains(&self, product: usize) -> bool {
        match &self.many {
            Some(many) => many.contains(product),
            None => self.few.binary_search(&(product as u32)).is_ok(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.as_ref().is_none_or(FixedBitSet::is_clear)
    }

    /// Them in their order, from a number on.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = usize> {
        let few = &self.few[self.few.partition_point(|&product| (product as usize) < first)..];
        let many = self.many.iter().flat_map(FixedBitSet::ones).skip_while(move |&product| product < first);
        few.iter().map(|&product| product as usize).chain(many)
    }

    pub(super) fn intersect_with(&mut self, other: &Products) {
        match (&mut self.many, &other.many) {
            (Some(many), Some(others)) => many.intersect_with(others),
            (Some(many), None) => {
                self.few = other.few.iter().copied().filter(|&product| many.contains(product as usize)).collect();
                self.many = None;
            }
            (None, _) => self.few.retain(|&product| other.contains(product as usize)),
        }
    }

    pub(super) fn difference_with(&mut self, other: &Products) {
        match (&mut self.many, &other.many) {
            (Some(many), Some(others)) => many.difference_with(others),
            (Some(many), None) => other.few.iter().for_each(|&product| many.remove(product as usize)),
            (None, _) => self.few.retain(|&product| !other.contains(product as usize)),
        }
    }

    pub(super) fn union_with(&mut self, other: &Products) {
        if let Some(others) = &other.many {
            self.bits().union_with(others);
        } else {
            other.few.iter().for_each(|&product| self.push(product as usize));
            self.tidy();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    const ALL: usize = 1_000;

    type Change = fn(&mut Products, &Products);

    fn products(numbers: &BTreeSet<usize>) -> Products {
        let mut products = Products::none(ALL);
        numbers.iter().rev().for_each(|&number| products.push(number));
        products.tidy();
        products
    }

    /// Fewer than are a list, and more.
    fn numbers() -> impl Strategy<Value = BTreeSet<usize>> {
        prop_oneof![btree_set(0..ALL, 0..=ALL / FEW_IN), btree_set(0..ALL, 0..100), btree_set(0..20_usize, 0..20)]
    }

    proptest! {
        #[test]
        fn sets_are_sets(one in numbers(), other in numbers(), from in 0..ALL) {
            let both: [(Change, BTreeSet<usize>); 3] = [
                (Products::intersect_with, &one & &other),
                (Products::difference_with, &one - &other),
                (Products::union_with, &one | &other),
            ];
            for (change, expected) in both {
                let mut set = products(&one);
                change(&mut set, &products(&other));
                let left: Vec<usize> = expected.range(from..).copied().collect();
                prop_assert_eq!(set.from(from).collect::<Vec<_>>(), left);
                prop_assert_eq!(set.is_empty(), expected.is_empty());
                prop_assert!((0..ALL).all(|product| set.contains(product) == expected.contains(&product)));
            }
        }

        #[test]
        fn ranges(start in 0..ALL + 10, length in 0..ALL) {
            let range = Products::range(ALL, start..start + length);
            prop_assert_eq!(range.from(0).collect::<Vec<_>>(), (start..(start + length).min(ALL)).collect::<Vec<_>>());
        }
    }
}
