//! Which products of an index may be in a part of the list: sets of a segment, of which each is made when it is needed.

use std::collections::HashMap;
use std::iter;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use anyhow::Result;

use super::groups::{Set, Ways, Words};
use super::index::{Index, after_all};
use super::products::Products;
use super::question::{Level, Question, Rank, Tier};
use super::terms::IDENTIFIES;

/// Few products are looked at themselves rather than searched for by a word: to find the places of a word takes as long
/// as to look at so many, and in the time for one more the products of so many words that start with it are read, or
/// one block of words that may have it inside.
const FEW: usize = 5;
const STARTING: usize = 200;

/// What may be where, of an index and a question.
pub(super) struct Tiers<'a, 'b> {
    pub(super) index: Index<'b>,
    question: &'a Question,
    /// The numbers of the products whose id starts with the question.
    start_of_id: Range<usize>,
    /// And of those of which it is the question.
    id: Range<usize>,
    /// By segment what was made.
    made: HashMap<(usize, Part), Rc<Set>>,
    /// By segment and number of a group.
    ways: HashMap<(usize, usize), Rc<Ways>>,
    blocks: HashMap<(usize, usize), Rc<[usize]>>,
    names: HashMap<(usize, Tier), Rc<[Range<usize>]>>,
}

/// What a set is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    /// The id, or a column that identifies, is the question.
    Identity,
    /// The id starts with it.
    StartOfId,
    /// The name starts with it.
    Named(Tier),
    /// All words are there, each at least so well.
    Level(Level),
    /// The words of the group with this number are there, at least so well.
    Group(usize, Level),
    /// All signs are there.
    Signs,
    /// What may have a rank, and surely has no better one.
    Candidates(Rank),
}

impl<'a, 'b> Tiers<'a, 'b> {
    pub(super) fn new(mut index: Index<'b>, question: &'a Question) -> Result<Tiers<'a, 'b>> {
        let [id, start_of_id] = if question.words() > 0 { index.ids_starting(question.key())? } else { [0..0, 0..0] };
        Ok(Tiers {
            index,
            question,
            start_of_id,
            id,
            made: HashMap::new(),
            ways: HashMap::new(),
            blocks: HashMap::new(),
            names: HashMap::new(),
        })
    }

    /// All products whose words start as is asked, if they are no more than `most`, and soon known.
    pub(super) fn few(&mut self, most: usize) -> Result<Option<Vec<usize>>> {
        // One word has as many products at least as words start with it.
        let most_words = if self.question.words() == 1 { most } else { STARTING };
        let mut few = Vec::new();
        for segment in 0..self.index.contents.segments.len() {
            let mut starting = 0;
            for number in 0..self.question.groups().len() {
                starting += self.ways(segment, number)?.starting();
            }
            if starting > most_words {
                return Ok(None);
            }
            let first = self.index.segment(segment).first;
            let set = self.set(segment, Part::Level(Level::Start))?;
            few.extend(set.products.from(0).take(most + 1).map(|product| first + product));
            if few.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(few))
    }

    /// The products of a segment that may have a rank, from a place in the segment on, as many as `most`.
    pub(super) fn by_number(&mut self, segment: usize, rank: Rank, from: usize, most: usize) -> Result<Vec<usize>> {
        let first = self.index.segment(segment).first;
        let set = self.set(segment, Part::Candidates(rank))?;
        let found = set.products.from(from).take(most);
        Ok(found.map(|product| first + product).collect())
    }

    /// The same for a rank that is by name, from a name and a number on, with their names.
    pub(super) fn by_name(
        &mut self,
        segment: usize,
        rank: Rank,
        from: &(String, usize),
        most: usize,
    ) -> Result<Vec<(String, usize)>> {
        let first = self.index.segment(segment).first;
        let place = self.index.names_before(segment, &from.0)?;
        let set = self.set(segment, Part::Candidates(rank))?;
        let mut found = Vec::new();
        for places in self.names(segment, rank.tier)?.iter() {
            self.index.each_name(segment, places.start.max(place)..places.end, &mut |name, product| {
                let number = first + product;
                if set.products.contains(product) && (name, number) >= (from.0.as_bytes(), from.1) {
                    found.push((String::from_utf8_lossy(name).into_owned(), number));
                }
                if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }

    /// A set of a segment, which is made once.
    fn set(&mut self, segment: usize, part: Part) -> Result<Rc<Set>> {
        if let Some(set) = self.made.get(&(segment, part)) {
            return Ok(Rc::clone(set));
        }
        let exactly = |products| Set { products, exact: true };
        let set = Rc::new(match part {
            Part::Identity => exactly(self.identity(segment)?),
            Part::StartOfId => exactly(self.in_segment(segment, self.start_of_id.clone())),
            Part::Named(tier) => exactly(self.named(segment, tier)?),
            Part::Level(level) => self.level(segment, level)?,
            Part::Group(number, Level::Inside) => self.inside(segment, number)?,
            Part::Group(number, level) => {
                let ways = self.ways(segment, number)?;
                let asked = &self.question.groups()[number].asked;
                Words { index: &mut self.index, segment }.asked(asked, &ways, level == Level::Whole)?
            }
            Part::Signs => exactly(self.signs(segment)?),
            Part::Candidates(rank) => exactly(self.candidates(segment, rank)?),
        });
        self.made.insert((segment, part), Rc::clone(&set));
        Ok(set)
    }

    fn candidates(&mut self, segment: usize, rank: Rank) -> Result<Products> {
        let part = match rank.tier {
            Tier::Identity => Part::Identity,
            Tier::StartOfId => Part::StartOfId,
            Tier::StartOfNameWhole | Tier::StartOfName => Part::Named(rank.tier),
            Tier::Whole => Part::Level(Level::Whole),
            Tier::Start => Part::Level(Level::Start),
            Tier::Inside => Part::Level(Level::Inside),
        };
        let mut set = self.set(segment, part)?.products.clone();
        if set.is_empty() {
            return Ok(set);
        }
        if rank.tier > Tier::Identity {
            set.difference_with(&self.set(segment, Part::Identity)?.products);
        }
        if rank.tier > Tier::StartOfId {
            set.difference_with(&self.set(segment, Part::StartOfId)?.products);
        }
        let (better, start) = match rank.tier {
            Tier::Whole => (None, Some(Tier::StartOfNameWhole)),
            Tier::StartOfName => (Some(Level::Whole), None),
            Tier::Start => (Some(Level::Whole), Some(Tier::StartOfName)),
            Tier::Inside => (Some(Level::Start), None),
            _ => (None, None),
        };
        if let Some(start) = start {
            set.difference_with(&self.set(segment, Part::Named(start))?.products);
        }
        if let Some(level) = better {
            let better = self.set(segment, Part::Level(level))?;
            if better.exact {
                set.difference_with(&better.products);
            }
        }
        if !self.question.signs().is_empty() {
            let signs = &self.set(segment, Part::Signs)?.products;
            if rank.without_signs { set.difference_with(signs) } else { set.intersect_with(signs) }
        }
        Ok(set)
    }

    fn all(&self, segment: usize) -> Products {
        let all = self.index.segment(segment).products;
        Products::range(all, 0..all)
    }

    /// Those of a range of all numbers.
    fn in_segment(&self, segment: usize, numbers: Range<usize>) -> Products {
        let here = self.index.segment(segment);
        let place = |number: usize| number.saturating_sub(here.first);
        Products::range(here.products, place(numbers.start)..place(numbers.end))
    }

    fn identity(&mut self, segment: usize) -> Result<Products> {
        let mut set = self.in_segment(segment, self.id.clone());
        let identity = format!("{IDENTIFIES}{}", self.question.key());
        if self.question.words() > 0
            && let Some(word) = self.index.word(segment, &identity)?
        {
            self.index.add_products(segment, iter::once(word..word + 1), &mut set)?;
        }
        Ok(set)
    }

    /// Those that have all signs of the question.
    fn signs(&mut self, segment: usize) -> Result<Products> {
        let mut all = self.all(segment);
        for sign in self.question.signs() {
            let mut has = self.index.none(segment);
            let words = self.index.starting(segment, sign)?.words;
            self.index.add_products(segment, iter::once(words), &mut has)?;
            all.intersect_with(&has);
        }
        Ok(all)
    }

    /// The places of the names of a segment that start with the question.
    fn names(&mut self, segment: usize, tier: Tier) -> Result<Rc<[Range<usize>]>> {
        if let Some(names) = self.names.get(&(segment, tier)) {
            return Ok(Rc::clone(names));
        }
        let mut ranges = Vec::new();
        for start in self.question.starts() {
            // A blank sorts before whatever a word goes on with.
            let end = if tier == Tier::StartOfNameWhole { format!("{start}!") } else { after_all(start) };
            let from = self.index.names_before(segment, start)?;
            ranges.push(from..self.index.names_before(segment, &end)?);
        }
        ranges.sort_by_key(|range| range.start);
        let mut names: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match names.last_mut().filter(|last| last.end >= range.start) {
                Some(last) => last.end = last.end.max(range.end),
                None => names.push(range),
            }
        }
        let names: Rc<[Range<usize>]> = names.into();
        self.names.insert((segment, tier), Rc::clone(&names));
        Ok(names)
    }

    fn named(&mut self, segment: usize, tier: Tier) -> Result<Products> {
        let mut set = self.index.none(segment);
        for places in self.names(segment, tier)?.iter() {
            self.index.add_named(segment, places.clone(), &mut set)?;
        }
        Ok(set)
    }

    /// Those that have all words of the question, each at least so well.
    fn level(&mut self, segment: usize, level: Level) -> Result<Set> {
        let none = self.index.none(segment);
        let mut best = vec![Set { products: none, exact: true }; self.question.words() + 1];
        // Where there are signs alone, `signs` says who has them.
        if self.question.words() > 0 || level == Level::Start {
            best[0].products = self.all(segment);
        }
        for (number, group) in self.question.groups().iter().enumerate() {
            if best[group.from].products.is_empty() {
                continue;
            }
            let mut with = if group.from > 0 && self.is_looked_at(segment, number, level, &best[group.from].products)? {
                Set { exact: false, ..best[group.from].clone() }
            } else {
                Set::clone(&*self.set(segment, Part::Group(number, level))?)
            };
            with.products.intersect_with(&best[group.from].products);
            with.exact &= best[group.from].exact;
            best[group.to].products.union_with(&with.products);
            best[group.to].exact &= with.exact || with.products.is_empty();
        }
        Ok(best.swap_remove(self.question.words()))
    }

    /// Does it take longer to search for the word of a group than to look at these products?
    fn is_looked_at(&mut self, segment: usize, number: usize, level: Level, products: &Products) -> Result<bool> {
        if self.made.contains_key(&(segment, Part::Group(number, level))) {
            return Ok(false);
        }
        let mut more = 0;
        if level <= Level::Start {
            more += self.ways(segment, number)?.starting() / STARTING;
        }
        if level <= Level::Inside {
            more += self.blocks(segment, number)?.len();
        }
        Ok(products.from(0).nth(FEW + more).is_none())
    }

    /// What the word of a group may be, which is found out once.
    fn ways(&mut self, segment: usize, number: usize) -> Result<Rc<Ways>> {
        if let Some(ways) = self.ways.get(&(segment, number)) {
            return Ok(Rc::clone(ways));
        }
        let asked = &self.question.groups()[number].asked;
        let ways = Rc::new(Words { index: &mut self.index, segment }.ways(asked)?);
        self.ways.insert((segment, number), Rc::clone(&ways));
        Ok(ways)
    }

    /// The blocks of words that may have the word of a group inside.
    fn blocks(&mut self, segment: usize, number: usize) -> Result<Rc<[usize]>> {
        if let Some(blocks) = self.blocks.get(&(segment, number)) {
            return Ok(Rc::clone(blocks));
        }
        let asked = &self.question.groups()[number].asked;
        let blocks: Rc<[usize]> = Words { index: &mut self.index, segment }.blocks(asked)?.into();
        self.blocks.insert((segment, number), Rc::clone(&blocks));
        Ok(blocks)
    }

    /// Those of a group's starts, and where it only stands inside a word.
    fn inside(&mut self, segment: usize, number: usize) -> Result<Set> {
        let mut set = Set::clone(&*self.set(segment, Part::Group(number, Level::Start))?);
        let blocks = self.blocks(segment, number)?;
        let asked = &self.question.groups()[number].asked;
        Words { index: &mut self.index, segment }.add_inside(asked, &blocks, &mut set)?;
        Ok(set)
    }
}
