//! Terms: what an order is indexed under.
//!
//! A term is a hash, so that every store can keep it as a number and none needs to know a language. A product and a customer are
//! a term each; a word is as many as it has three letters in a row. Two things may have one term, and what has the terms of a word
//! need not have the word: whoever goes by terms looks at the order too.

use std::collections::BTreeSet;

use orders::text::{SHORTEST, text_of};
use orders::{ListFilter, Order};

/// Terms of one question at most. More narrow it down hardly any further, and each is looked through.
const MOST: usize = 8;

/// What an order is indexed under. The hash is the same in every process and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub u32);

impl Term {
    /// The term of a product.
    pub fn product(id: &str) -> Self {
        Self::of(b"product", id)
    }

    /// The term of a customer.
    pub fn customer(id: &str) -> Self {
        Self::of(b"customer", id)
    }

    /// The term of a part of an index.
    pub fn part(number: u32) -> Self {
        Self::of(b"part", &number.to_string())
    }

    fn letters(letters: &str) -> Self {
        Self::of(b"letters", letters)
    }

    /// Fowler-Noll-Vo 1a of 64 bits, folded to 32.
    fn of(kind: &[u8], what: &str) -> Self {
        let hash =
            kind.iter().chain(b"/").chain(what.as_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        let [a, b, c, d, e, f, g, h] = hash.to_be_bytes();
        Self(u32::from_be_bytes([a ^ e, b ^ f, c ^ g, d ^ h]))
    }
}

/// All terms of an order, sorted, each once.
pub fn of_order(order: &Order, document: Option<&str>) -> Vec<Term> {
    let mut terms = BTreeSet::new();
    for word in text_of(order, document).split_whitespace() {
        terms.extend(of_word(word));
    }
    terms.extend(order.content.customer_id.as_deref().map(Term::customer));
    terms.extend(order.content.lines.iter().map(|line| Term::product(&line.product_id)));
    terms.into_iter().collect()
}

/// Terms that every order has which the filter asks for. None: the index is of no use for it.
pub fn of_filter(filter: &ListFilter) -> Vec<Term> {
    let mut terms = BTreeSet::new();
    terms.extend(filter.product_id.as_deref().map(Term::product));
    terms.extend(filter.customer_id.as_deref().map(Term::customer));
    let words: BTreeSet<Term> = filter.text.iter().flat_map(|text| text.words()).flat_map(covering).collect();
    let room = MOST - terms.len();
    terms.extend(words.into_iter().take(room));
    terms.into_iter().collect()
}

/// The terms of a word: every three letters in a row.
fn of_word(word: &str) -> impl Iterator<Item = Term> {
    threes(word).into_iter().map(Term::letters)
}

/// As many of them as it takes to have every letter of the word in one.
fn covering(word: &str) -> impl Iterator<Item = Term> {
    let threes = threes(word);
    let last = threes.len().saturating_sub(1);
    let is_wanted = move |at: usize| at.is_multiple_of(SHORTEST) || at == last;
    threes
        .into_iter()
        .enumerate()
        .filter(move |(at, _)| is_wanted(*at))
        .map(|(_, three)| Term::letters(three))
}

fn threes(word: &str) -> Vec<&str> {
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    ends.windows(SHORTEST + 1).map(|window| &word[window[0]..window[SHORTEST]]).collect()
}

#[cfg(test)]
mod tests {
    use orders::Text;

    use super::*;

    #[test]
    fn the_terms_of_a_piece_are_among_those_of_the_word() {
        let terms = |word| of_word(word).collect::<BTreeSet<_>>();
        for piece in ["len", "lenina", "enin", "ина", "ул.лен"] {
            assert!(terms("x-ул.ленина/lenina").is_superset(&terms(piece)), "{piece}");
        }
        assert!(terms("ab").is_empty());
        let covered = |word| covering(word).collect::<Vec<_>>();
        assert_eq!(covered("abcdefgh"), ["abc", "def", "fgh"].map(Term::letters));
        assert_eq!(covered("abc"), [Term::letters("abc")]);
        assert!(covered("ab").is_empty());
        assert_eq!(terms("abcd").len(), 2);
    }

    #[test]
    fn terms_are_the_same_in_every_version() {
        assert_eq!(Term::product("margherita"), Term(0xa96e95fc));
        assert_eq!(Term::letters("ё1x"), Term(0xa1a789c5));
        assert_ne!(Term::product("abc"), Term::customer("abc"));
    }

    #[test]
    fn a_question_has_few_terms_however_long_it_is() {
        let text = Text::parse("a-very-long-address-that-goes-on-and-on and-on");
        let filter = ListFilter { text, product_id: Some("p".to_owned()), ..ListFilter::default() };
        let terms = of_filter(&filter);
        assert!(terms.len() == MOST && terms.contains(&Term::product("p")));
        assert!(of_filter(&ListFilter::default()).is_empty());
    }
}
