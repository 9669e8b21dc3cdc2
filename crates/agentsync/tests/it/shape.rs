//! The shape of the source: which way the arrows point, and how long files are.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns every Rust file below `dir` with its text.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Returns the room a file of the program belongs to.
fn room(path: &Path, src: &Path) -> String {
    let first = path.strip_prefix(src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Returns the rooms that a text names with `crate::`, tests apart.
fn named_rooms(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = Vec::new();
    for line in lines {
        for part in line.split("crate::").skip(1) {
            let is_name = |c: &char| c.is_ascii_lowercase() || *c == '_';
            match part.strip_prefix('{') {
                // `use crate::{a::x, b};`
                Some(list) => rooms
                    .extend(list.split(',').map(|name| name.trim().chars().take_while(is_name).collect())),
                None => rooms.push(part.chars().take_while(is_name).collect()),
            }
        }
    }
    rooms.retain(|room: &String| !room.is_empty());
    rooms
}

/// Which rooms each room may name besides itself. Only `wiring` names both edges and faces.
const ARROWS: [(&str, &[&str]); 22] = [
    ("app", &["plant"]),
    ("report", &["app"]),
    ("process", &[]),
    ("plant", &[]),
    ("clock", &["app"]),
    ("config", &["app", "clock"]),
    ("lock", &[]),
    ("git", &["app", "lock", "process"]),
    ("ledger", &["app", "git", "lock", "plant"]),
    ("forge", &["app", "git", "process"]),
    ("setup", &["app", "git", "process"]),
    ("pairs", &["app", "clock", "git"]),
    ("record", &["app", "clock"]),
    ("scratch", &["app", "git", "lock", "process"]),
    ("sessions", &["app", "git", "ledger", "lock"]),
    ("guard", &["app", "report", "config", "wiring"]),
    ("cli", &["app", "report", "config", "wiring", "mcp", "demo", "guard"]),
    ("mcp", &["app", "report", "config", "wiring"]),
    // It plays from the outside, with git as a person would use it.
    ("demo", &["cli", "config", "git"]),
    (
        "wiring",
        &[
            "app", "report", "config", "clock", "git", "ledger", "forge", "pairs", "process", "record",
            "scratch", "sessions", "setup",
        ],
    ),
    ("main", &[]),
    ("lib", &[]),
];

#[test]
fn arrows_between_rooms_point_one_way() {
    let src = crates().join("agentsync/src");
    let mut wrong = Vec::new();
    for (path, text) in sources(&src) {
        let room = room(&path, &src);
        let allowed = ARROWS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("`{room}` is a room nobody has drawn"));
        for named in named_rooms(&text).into_iter().filter(|named| *named != room) {
            if !allowed.contains(&named.as_str()) {
                wrong.push(format!("{} names {named}", path.strip_prefix(&src).unwrap().display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_knows_no_world() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&crates().join("agentsync-core/src")) {
        for word in [
            "std::fs",
            "std::env",
            "std::process",
            "std::time",
            "std::net",
            "std::io",
            "std::thread",
            "HashMap",
            "HashSet",
            "serde_json",
        ] {
            if text.contains(word) {
                wrong.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_extractors_know_no_world() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&crates().join("agentsync-symbols/src")) {
        for word in ["std::fs", "std::env", "std::process", "std::time", "std::net", "std::io", "std::thread"]
        {
            if text.contains(word) {
                wrong.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short() {
    let all: Vec<(PathBuf, usize)> = ["agentsync", "agentsync-core", "agentsync-symbols", "agentsync-lab"]
        .iter()
        .flat_map(|name| sources(&crates().join(name).join("src")))
        .map(|(path, text)| (path, text.lines().count()))
        .collect();
    let long: Vec<_> = all.iter().filter(|(_, n_lines)| *n_lines > 600).collect();
    assert!(long.is_empty(), "{long:#?}");
    let n_short = all.iter().filter(|(_, n_lines)| *n_lines < 150).count();
    assert!(n_short * 2 >= all.len(), "{n_short} of {} files are under 150 lines", all.len());
}

#[test]
fn every_file_says_what_it_is_for() {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let silent: Vec<_> = ["agentsync", "agentsync-core", "agentsync-symbols", "agentsync-lab"]
        .iter()
        .flat_map(|name| sources(&crates().join(name).join("src")))
        .filter(|(_, text)| !first_line(text).starts_with("//! "))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
