//! All mutants, by stage.

mod auth;
mod connector;
mod market_stream;
mod no_balance_stream;
mod order_book;
mod perpetual;
mod user_stream;
mod utils;

use crate::mutant::Mutant;
use crate::subject::{EXAMPLE, EXAMPLE_PERP, Subject};

/// All of them, in the order in which a connector is built.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutant> {
    let stages = [
        auth::MUTANTS,
        utils::MUTANTS,
        order_book::MUTANTS,
        market_stream::MUTANTS,
        user_stream::MUTANTS,
        connector::MUTANTS,
        perpetual::MUTANTS,
        no_balance_stream::MUTANTS,
    ];
    stages.into_iter().flatten()
}

/// The connectors that they are made of.
pub(crate) fn subjects() -> [&'static Subject; 2] {
    [&EXAMPLE, &EXAMPLE_PERP]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workshop::mutated;
    use crate::{page, root};

    #[test]
    fn every_mistake_can_be_made_in_the_code_as_it_is() {
        for mutant in all() {
            let file = root().join(mutant.subject.folder).join(mutant.file);
            let right = std::fs::read_to_string(&file).expect(mutant.file);
            assert_ne!(mutated(mutant, &right).expect(mutant.name), right, "{}", mutant.name);
        }
    }

    #[test]
    fn every_mutant_has_a_name_of_its_own_and_a_message() {
        let mut names: Vec<_> = all().map(|mutant| mutant.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for mutant in all() {
            assert!(!mutant.lead().is_empty() && !mutant.tells.is_empty(), "{}", mutant.name);
        }
    }

    #[test]
    fn the_page_in_the_documentation_lists_them_all() {
        let page = std::fs::read_to_string(root().join(page::PATH)).unwrap_or_default();
        page::agrees(&page).expect("the same list");
    }
}
