//! One page of a list: what an index proposes and what has changed since, each where `Question::rank` puts it.

use std::collections::HashSet;

use anyhow::Result;

use super::index::Index;
use super::layout::Blocks;
use super::page::{After, Found, Search};
use super::question::{Question, Rank, Tier};
use super::terms::{Texts, folded_id, key, start_key};
use super::tiers::Tiers;
use crate::catalogue::budget;
use crate::catalogue::fold::fold;
use crate::catalogue::product::Product;

/// Where a product is in a list: by its rank, its folded name where that counts, its folded id, its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    rank: Rank,
    name: String,
    key: String,
    id: String,
}

impl Place {
    fn of(product: &Product, question: &Question) -> Option<Place> {
        let texts = Texts::of(product);
        let rank = question.rank(&texts)?;
        let name = if rank.tier.is_by_name() { start_key(&texts.name) } else { String::new() };
        Some(Place { rank, name, key: key(&texts.id), id: product.id.clone() })
    }

    /// Where a page ended.
    fn after(after: &After) -> Place {
        let rank = after.rank.unwrap_or(Rank { without_signs: false, tier: Tier::Identity });
        let name = if rank.tier.is_by_name() { start_key(&fold(&after.name)) } else { String::new() };
        Place { rank, name, key: folded_id(&after.id), id: after.id.clone() }
    }
}

/// One page of the products that a question finds.
pub(super) fn find(blocks: &mut dyn Blocks, search: &Search) -> Result<Found> {
    let question = Question::new(&search.question);
    let mut page = Page { limit: search.limit, after: search.after.as_ref().map(Place::after), ..Page::default() };
    if !question.is_empty() {
        match Index::open(blocks)? {
            None => blocks.all(&mut |product| page.add(product, &question).map(drop))?,
            Some(index) => {
                let changed = index.blocks.changed()?;
                let products = index.blocks.products(&changed)?;
                for product in products.into_iter().flatten() {
                    page.add(product, &question)?;
                }
                page.changed = changed.into_iter().collect();
                page.fill(&mut Tiers::new(index, &question)?, &question)?;
            }
        }
    }
    Ok(page.finish())
}

/// A page while it fills.
#[derive(Default)]
struct Page {
    limit: usize,
    /// Where the page before ended.
    after: Option<Place>,
    /// The products that come first, one more than there is room for, which shows that there is another page.
    products: Vec<(Place, Product)>,
    /// The ids of what the index does not know as it is.
    changed: HashSet<String>,
    /// The numbers of what it has proposed.
    proposed: HashSet<usize>,
}

impl Page {
    /// Adds a product, if it is found, and belongs on this page. Its place in the list.
    fn add(&mut self, product: Product, question: &Question) -> Result<Option<Place>> {
        budget::check()?;
        let place = Place::of(&product, question);
        let is_here = |place: &Place| self.after.as_ref().is_none_or(|after| place > after);
        let Some(place) = place.filter(is_here) else { return Ok(None) };
        let at = self.products.partition_point(|(other, _)| *other < place);
        if at <= self.limit {
            self.products.insert(at, (place.clone(), product));
            self.products.truncate(self.limit + 1);
        }
        Ok(Some(place))
    }

    /// Adds what the index proposes, rank by rank, until nothing more can come on this page.
    fn fill(&mut self, tiers: &mut Tiers, question: &Question) -> Result<()> {
        // Where signs are all that was asked, nothing is found without them.
        let all_have_them = question.signs().is_empty() || question.words() == 0;
        let signs = if all_have_them { &[false][..] } else { &[false, true] };
        let mut are_few = None;
        for &without_signs in signs {
            for tier in Tier::ALL {
                let rank = Rank { without_signs, tier };
                let is_over = self.after.as_ref().is_some_and(|after| rank < after.rank);
                let is_full = self.products.get(self.limit).is_some_and(|(last, _)| last.rank < rank);
                if is_over || is_full {
                    continue;
                }
                if tier.is_by_starts() {
                    let few = match are_few {
                        Some(few) => few,
                        None => self.add_few(tiers, question, rank)?,
                    };
                    are_few = Some(few);
                    if few {
                        continue;
                    }
                }
                if tier.is_by_name() {
                    self.fill_by_name(tiers, question, rank)?
                } else {
                    self.fill_by_id(tiers, question, rank)?
                }
            }
        }
        Ok(())
    }

    /// Adds all whose words start as is asked, whatever their ranks, if these have room on one page. Have they?
    fn add_few(&mut self, tiers: &mut Tiers, question: &Question, rank: Rank) -> Result<bool> {
        let few = tiers.few(self.limit + 1)?;
        if let Some(numbers) = &few {
            self.add_all(tiers, question, rank, numbers)?;
        }
        Ok(few.is_some())
    }

    fn fill_by_id(&mut self, tiers: &mut Tiers, question: &Question, rank: Rank) -> Result<()> {
        let after = self.after.as_ref().filter(|after| after.rank == rank).cloned();
        let mut from = match after {
            Some(after) => tiers.index.ids_before(&after.key, &after.id, true)?,
            None => 0,
        };
        for segment in 0..tiers.index.contents.segments.len() {
            let here = tiers.index.segment(segment);
            while from < here.first + here.products {
                let room = self.room(rank);
                let numbers = tiers.by_number(segment, rank, from.saturating_sub(here.first), room)?;
                let Some(last) = numbers.last() else { break };
                from = last + 1;
                if !self.add_all(tiers, question, rank, &numbers)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn fill_by_name(&mut self, tiers: &mut Tiers, question: &Question, rank: Rank) -> Result<()> {
        let after = self.after.as_ref().filter(|after| after.rank == rank).cloned();
        let mut from = (String::new(), 0);
        if let Some(after) = after {
            let number = tiers.index.ids_before(&after.key, &after.id, true)?;
            from = (after.name, number);
        }
        loop {
            let room = self.room(rank);
            let mut next = Vec::new();
            for segment in 0..tiers.index.contents.segments.len() {
                next.extend(tiers.by_name(segment, rank, &from, room)?);
            }
            next.sort();
            next.truncate(room);
            let numbers: Vec<usize> = next.iter().map(|(_, number)| *number).collect();
            let Some((name, number)) = next.pop() else { return Ok(()) };
            from = (name, number + 1);
            if !self.add_all(tiers, question, rank, &numbers)? {
                return Ok(());
            }
        }
    }

    /// How many of a rank there is room for.
    fn room(&self, rank: Rank) -> usize {
        let before = self.products.partition_point(|(place, _)| place.rank < rank);
        self.limit + 1 - before
    }

    /// Adds products in their order, wherever they belong; is there room for those of the rank that follow?
    fn add_all(&mut self, tiers: &mut Tiers, question: &Question, rank: Rank, numbers: &[usize]) -> Result<bool> {
        let new: Vec<usize> = numbers.iter().copied().filter(|&number| self.proposed.insert(number)).collect();
        let ids = tiers.index.ids(&new)?;
        let ids: Vec<String> = ids.into_iter().filter(|id| !self.changed.contains(id)).collect();
        let mut last = None;
        for product in tiers.index.blocks.products(&ids)?.into_iter().flatten() {
            let place = self.add(product, question)?;
            last = place.filter(|place| place.rank == rank).or(last);
        }
        // What follows comes behind the last.
        let end = self.products.get(self.limit).map(|(place, _)| place);
        Ok(end.is_none() || last.as_ref() < end)
    }

    fn finish(mut self) -> Found {
        let more = self.products.len() > self.limit;
        self.products.truncate(self.limit);
        let next = self.products.last().filter(|_| more).map(|(place, product)| {
            let name = if place.rank.tier.is_by_name() { product.name.clone() } else { String::new() };
            After { rank: Some(place.rank), name, id: product.id.clone() }.token()
        });
        Found { products: self.products.into_iter().map(|(_, product)| product).collect(), next, suggestion: None }
    }
}
