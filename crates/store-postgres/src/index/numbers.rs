//! Terms as PostgreSQL keeps them: as integers with a sign.

use search::Term;

/// The term that all orders of a part have.
pub fn part_term(number: i32) -> i32 {
    Term::part(number.cast_unsigned()).0.cast_signed()
}

/// Terms as the text of an array.
pub fn array(terms: &[Term]) -> String {
    let numbers: Vec<_> = terms.iter().map(|Term(term)| term.cast_signed().to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The migration cannot ask.
    #[test]
    fn the_first_part_has_the_term_that_the_migration_gives_it() {
        let migration = include_str!("../../migrations/orders/0002_search.up.sql");
        assert!(migration.contains(&format!("0, {}, 0)", part_term(0))), "{}", part_term(0));
    }
}
