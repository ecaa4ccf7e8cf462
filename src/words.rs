/// The word among `known` that is most like `word`, upper and lower case being alike.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let likeness = |other: &str| strsim::normalized_damerau_levenshtein(&word, &other.to_lowercase());
    // Of several that are as like, the first.
    known.into_iter().min_by(|a, b| likeness(b).total_cmp(&likeness(a)))
}

/// The end of a sentence about an unknown word: the nearest known one, and all of them if they are several.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let all: Vec<&str> = known.clone().collect();
    match nearest(word, known) {
        None => "; there are none".to_owned(),
        Some(nearest) if all.len() == 1 => format!("; did you mean '{nearest}'?"),
        Some(nearest) => format!("; did you mean '{nearest}'? Known: {}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_word_wins() {
        let known = ["com", "us", "testnet", "demo"];
        for (word, likest) in [("tesnet", "testnet"), ("DEMO", "demo"), ("con", "com"), ("u", "us")] {
            assert_eq!(nearest(word, known), Some(likest), "{word}");
        }
        assert_eq!(nearest("x", []), None);
    }
}
