//! S8: the merged file is broken, though neither side's is.

use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::Facts;

/// Finds errors and repetitions that only the merged file has. Heard in one direction only.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.a != Version::Left {
        return;
    }
    for file in view.a_files().filter(|file| file.is_changed_on(view.b)) {
        let (Some(merged), Some(left), Some(right)) =
            (file.at(Version::Merged), file.at(view.a), file.at(view.b))
        else {
            continue;
        };
        if left.errors.is_empty() && right.errors.is_empty() && !merged.errors.is_empty() {
            found.push(broken(view, file, merged));
        }
        let n_of = |facts: &Facts, name: &str| facts.repeated.iter().filter(|one| one.name == name).count();
        let mut seen = Vec::new();
        for one in &merged.repeated {
            let n = n_of(merged, &one.name);
            if n > n_of(left, &one.name) && n > n_of(right, &one.name) && !seen.contains(&&one.name) {
                seen.push(&one.name);
                found.push(twice(view, file, &one.name));
            }
        }
    }
}

fn broken(view: &View<'_>, file: &Changed, merged: &Facts) -> Finding {
    let line = merged.errors.first().map_or(1, |span| span.line);
    let message = format!(
        "{} parses on both sides and not when merged (near merged line {line}): merge it by hand.",
        file.path
    );
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    view.finding(
        Rule::S8,
        Tier::High,
        name,
        view.on_a(&file.path, line),
        view.on_b(&file.path, line),
        message,
    )
}

fn twice(view: &View<'_>, file: &Changed, name: &str) -> Finding {
    let line = |side: Version| {
        let facts = file.at(side);
        let own = last_part(name);
        let defined = facts.and_then(|facts| facts.definitions.iter().find(|one| one.name == name));
        let mentioned = facts.and_then(|facts| facts.lines_of(own).last());
        defined.map(|one| one.name_line).or(mentioned.copied()).unwrap_or(1)
    };
    let message =
        format!("both sides add `{name}` to {}, which may have it once: keep one of the two.", file.path);
    let (on_a, on_b) = (view.on_a(&file.path, line(view.a)), view.on_b(&file.path, line(view.b)));
    view.finding(Rule::S8, Tier::High, name, on_a, on_b, message)
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
