use super::Report;

pub(super) fn write(report: &Report) -> String {
    // Texts and numbers always have a form in JSON.
    report.rows.iter().map(|row| serde_json::to_string(row).unwrap_or_default() + "\n").collect()
}
