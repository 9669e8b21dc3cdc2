//! The oracle of overlap: every short path, matched by plain backtracking. The fuzzer asks it too.

use std::sync::LazyLock;

/// Every well-formed path over `a`, `b` and `/` of up to seven characters.
pub static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut last = vec![String::new()];
    for _ in 0..7 {
        last = last.iter().flat_map(|path| ["a", "b", "/"].map(|c| format!("{path}{c}"))).collect();
        last.retain(|path| !path.starts_with('/') && !path.contains("//"));
        all.extend(last.iter().filter(|path| !path.ends_with('/')).cloned());
    }
    all
});

/// Tells whether a spec without braces covers a path, one rule after the other.
fn covers_one(spec: &str, path: &str) -> bool {
    let is_pattern = spec.contains(['*', '?', '[']);
    if !is_pattern {
        return path == spec || path.starts_with(&format!("{spec}/"));
    }
    let is_own_text = !spec.contains(['*', '?']) && (path == spec || path.starts_with(&format!("{spec}/")));
    if is_own_text {
        return true;
    }
    let mut names: Vec<&str> = spec.split('/').collect();
    if names.len() == 1 && spec != "**" {
        names.insert(0, "**");
    }
    let parts: Vec<&str> = path.split('/').collect();
    let crosses = names.iter().any(|name| *name != "**" && name.contains("**"));
    match crosses {
        true => {
            let body = spec.chars().collect::<Vec<_>>();
            let prefixes = if spec.contains('/') { vec![0] } else { starts(path) };
            prefixes.into_iter().any(|start| text(&body, &path[start..].chars().collect::<Vec<_>>()))
        }
        false => segments(&names, &parts),
    }
}

/// Where a file name may begin.
fn starts(path: &str) -> Vec<usize> {
    std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1)).collect()
}

fn segments(names: &[&str], parts: &[&str]) -> bool {
    match (names, parts) {
        ([], parts) => parts.is_empty(),
        (["**"], parts) => !parts.is_empty(),
        (["**", rest @ ..], parts) => (0..=parts.len()).any(|n| segments(rest, &parts[n..])),
        (_, []) => false,
        ([name, rest @ ..], [part, parts @ ..]) => {
            let (name, part): (Vec<char>, Vec<char>) = (name.chars().collect(), part.chars().collect());
            text(&name, &part) && segments(rest, parts)
        }
    }
}

/// Matches a text in which `**` crosses folders and no whole name is `**`.
fn text(pattern: &[char], path: &[char]) -> bool {
    // A bracket expression is also its own text.
    let n_bracket =
        pattern.iter().position(|c| *c == ']').filter(|_| pattern.starts_with(&['['])).map_or(0, |at| at + 1);
    if n_bracket > 0
        && path.starts_with(&pattern[..n_bracket])
        && text(&pattern[n_bracket..], &path[n_bracket..])
    {
        return true;
    }
    match (pattern, path) {
        ([], path) => path.is_empty(),
        (['*', '*', rest @ ..], path) => (0..=path.len()).any(|n| text(rest, &path[n..])),
        (['*', rest @ ..], path) => {
            let reach = path.iter().take_while(|c| **c != '/').count();
            (0..=reach).any(|n| text(rest, &path[n..]))
        }
        (['?', rest @ ..] | ['[', 'a', 'b', ']', rest @ ..], [c, path @ ..]) => *c != '/' && text(rest, path),
        (['[', '!', 'a', ']', rest @ ..], [c, path @ ..]) => !"a/".contains(*c) && text(rest, path),
        ([one, rest @ ..], [c, path @ ..]) => one == c && text(rest, path),
        (_, []) => false,
    }
}

/// Tells whether a spec with at most one pair of braces covers a path.
pub fn covers(spec: &str, path: &str) -> bool {
    match (spec.split_once('{'), spec.split_once('}')) {
        (Some((before, _)), Some((inside, after))) => {
            let inside = &inside[before.len() + 1..];
            inside.split(',').any(|choice| covers_one(&tidy(&format!("{before}{choice}{after}")), path))
        }
        _ => covers_one(spec, path),
    }
}

fn tidy(spec: &str) -> String {
    spec.split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/")
}
