//! Products called by three to seven words of Debian's lists (`wamerican-huge`, `wngerman`), half of them out of 5,000
//! that come often.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many words are common.
const COMMON: usize = 5_000;

/// Numbers that are the same in every run (xorshift).
pub struct Random(pub u64);

impl Random {
    /// One that is less.
    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most
    }
}

/// A product's id.
pub fn id(number: usize) -> String {
    format!("A{number:07}")
}

/// Writes a CSV file of so many products.
pub fn write_csv(path: &Path, products: usize) {
    let mut random = Random(7);
    let lists = ["/usr/share/dict/american-english-huge", "/usr/share/dict/ngerman"];
    let lists = lists.map(|list| fs::read_to_string(list).expect("a list: apt-get install wamerican-huge wngerman"));
    let mut words: Vec<&str> = lists.iter().flat_map(|list| list.lines()).filter(|word| word.len() > 1).collect();
    for at in (1..words.len()).rev() {
        words.swap(at, random.below(at + 1));
    }
    let mut csv = String::from("id,name,price\n");
    for number in 0..products {
        let mut name = String::new();
        for _ in 0..3 + random.below(5) {
            let among = if random.below(2) == 0 { COMMON } else { words.len() };
            // The first of the common ones come most often.
            let most = if among == COMMON { 1 + random.below(COMMON) } else { among };
            let word = random.below(most);
            let _ = write!(name, "{}{}", if name.is_empty() { "" } else { " " }, words[word]);
        }
        let _ = writeln!(csv, "{},{name},{}.{:02}", id(number), number % 1000, number % 100);
    }
    fs::write(path, csv).expect("a CSV file");
}
