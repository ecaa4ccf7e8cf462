/// The questions to an exchange's documents, with what their answers decide: a link to the page of the documentation.
const QUESTIONS: &str = include_str!("templates/exchange-api-checklist.md");

/// The checklist of a new connector: every question of the documentation, to be ticked off.
pub(super) fn text(name: &str) -> String {
    let mut text = format!(
        "# {name}: what its API offers\n\nAnswer these from the exchange's documents, with a link each, before writing code. What \
         must be there is marked *must*.\n"
    );
    for line in QUESTIONS.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            text += &format!("\n## {heading}\n\n");
        } else if let Some(item) = item(line) {
            text += &item;
        }
    }
    text
}

/// One row of a table as an item to tick off; `None` for heads of tables and for other text.
fn item(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.strip_prefix('|')?.trim_end_matches('|').split('|').map(str::trim).collect();
    let [question, must, goes_to, otherwise] = cells[..] else { return None };
    if question == "question" || question.starts_with("--") {
        return None;
    }
    let must = if must == "yes" { " *(must)*" } else { "" };
    let otherwise = if otherwise.is_empty() { String::new() } else { format!(" If it is missing: {otherwise}.") };
    Some(format!("- [ ] {question}{must}. Goes to {goes_to}.{otherwise}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_of_the_documentation_is_asked() {
        let text = text("acme");
        let rows = QUESTIONS.lines().filter(|line| line.starts_with('|')).count();
        let tables = QUESTIONS.matches("\n|---").count();
        assert_eq!(text.matches("- [ ] ").count(), rows - 2 * tables);
        assert!(text.contains("- [ ] server time *(must)*. Goes to `MarketSource::time`."), "{text}");
    }
}
