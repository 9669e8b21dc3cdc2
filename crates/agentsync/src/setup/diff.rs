//! What would change, for a person to read.

use similar::TextDiff;

use super::FileChange;

/// Returns a unified diff of one file.
pub fn render(file: &FileChange) -> String {
    let (before, after) =
        (file.before.as_deref().unwrap_or_default(), file.after.as_deref().unwrap_or_default());
    let name = |prefix: &str, text: &Option<String>| match text {
        Some(_) => format!("{prefix}/{}", file.path),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().header(&name("a", &file.before), &name("b", &file.after)).to_string()
}
