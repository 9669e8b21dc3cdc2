//! Which files a patch changes: by the headers of `apply_patch`, or those of a unified diff.

/// The headers of the format that some agents write patches in.
const HEADERS: [&str; 4] = ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];

/// Returns the paths that a patch names, each once, in order.
pub fn paths(text: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for line in text.lines() {
        let named = HEADERS
            .iter()
            .find_map(|header| line.trim_start().strip_prefix(header))
            .or_else(|| of_diff(line));
        let named = named.map(str::trim).filter(|path| !path.is_empty() && *path != "/dev/null");
        if let Some(path) = named.filter(|path| !paths.iter().any(|known| known == path)) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// A text that takes the place of another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replacement {
    /// What stands there.
    pub old: String,
    /// What will.
    pub new: String,
}

/// Returns the text with each replacement made wherever it can be; `None` when one cannot be made anywhere.
pub fn replace(text: &str, replacements: &[Replacement]) -> Option<String> {
    replacements.iter().try_fold(text.to_owned(), |text, Replacement { old, new }| {
        (!old.is_empty() && text.contains(old.as_str())).then(|| text.replace(old.as_str(), new))
    })
}

/// Returns what a patch in the format of `apply_patch` replaces in each file that it updates, in its place.
pub fn replacements(text: &str) -> Vec<(String, Vec<Replacement>)> {
    let mut found: Vec<(String, Vec<Replacement>)> = Vec::new();
    let mut is_update = false;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("*** Update File: ") {
            found.push((path.trim().to_owned(), Vec::new()));
            is_update = true;
        } else if line.starts_with("*** ") {
            is_update &= line.starts_with("*** End of File");
        } else if let (true, Some((_, hunks))) = (is_update, found.last_mut()) {
            let is_head = line.starts_with("@@");
            if is_head || hunks.is_empty() {
                hunks.push(Replacement::default());
            }
            if let Some(hunk) = hunks.last_mut().filter(|_| !is_head) {
                hunk.push(line);
            }
        }
    }
    for (_, hunks) in &mut found {
        hunks.retain(|hunk| hunk.old != hunk.new);
    }
    found
}

impl Replacement {
    /// Takes a line of a hunk: of both texts, of the old one, or of the new one.
    fn push(&mut self, line: &str) {
        let (sign, rest) = match line.chars().next() {
            Some(sign @ (' ' | '-' | '+')) => (sign, line.get(1..).unwrap_or_default()),
            // Some leave the space of an empty line out.
            _ => (' ', line),
        };
        if sign != '+' {
            self.old.extend([rest, "\n"]);
        }
        if sign != '-' {
            self.new.extend([rest, "\n"]);
        }
    }
}

/// Returns what a line of a diff's head names, without the `a/` or `b/` that git puts before it.
fn of_diff(line: &str) -> Option<&str> {
    let moved = line.strip_prefix("rename to ").or_else(|| line.strip_prefix("rename from "));
    if moved.is_some() {
        return moved;
    }
    let path = line.strip_prefix("+++ ").or_else(|| line.strip_prefix("--- "))?;
    // A time may follow after a tab.
    let path = path.split('\t').next().unwrap_or(path);
    Some(path.strip_prefix("a/").or_else(|| path.strip_prefix("b/")).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_of_both_formats_are_read() {
        let patch = "*** Begin Patch\n*** Add File: src/a.rs\n+x\n*** Update File: b c.md\n*** Move to: d.md\n@@\n*** Delete File: e\n*** End Patch\n";
        assert_eq!(paths(patch), ["src/a.rs", "b c.md", "d.md", "e"]);
        let diff = "diff --git a/x b/y\nrename from x\nrename to y\n--- a/src/m.rs\t2026-01-01\n+++ b/src/m.rs\n@@ -1 +1 @@\n--- /dev/null\n+++ b/new\n";
        assert_eq!(paths(diff), ["x", "y", "src/m.rs", "new"]);
        assert!(paths("nothing of the kind").is_empty());
    }

    #[test]
    fn a_patch_is_what_it_replaces() {
        let patch = "*** Begin Patch\n*** Update File: src/a.rs\n@@ fn f\n a\n-b\n+B\n\n@@\n-d\n*** Add File: n\n+x\n*** Update File: b.md\n x\n+y\n*** End of File\n*** End Patch\n";
        let found = replacements(patch);
        let of = |old: &str, new: &str| Replacement { old: old.to_owned(), new: new.to_owned() };
        let want = vec![
            ("src/a.rs".to_owned(), vec![of("a\nb\n\n", "a\nB\n\n"), of("d\n", "")]),
            ("b.md".to_owned(), vec![of("x\n", "x\ny\n")]),
        ];
        assert_eq!(found, want);
        assert_eq!(replace("0\na\nb\n\nc\nd\n", &want[0].1).as_deref(), Some("0\na\nB\n\nc\n"));
        assert_eq!(replace("a\nd\n", &want[0].1), None, "it was made for another text");
        assert_eq!(replace("x", &[of("", "y")]), None);
    }
}
