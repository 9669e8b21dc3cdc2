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
}
