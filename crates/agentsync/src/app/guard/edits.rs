//! What a claim declares beside what its holder's edits have touched, as far as hooks saw them.

use agentsync_core::{Claim, ClaimKey};

use crate::app::ports::desk::TouchedPath;

/// Where declaration and edits differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Paths that were touched, and that nobody had declared.
    pub undeclared: Vec<String>,
    /// What was declared, and never touched.
    pub untouched: Vec<String>,
}

/// Compares a claim with the edits that were seen for it; `None` where no hook has seen any.
pub fn edits(key: &ClaimKey, claim: &Claim, touched: &[TouchedPath]) -> Option<Edits> {
    let of_claim: Vec<&TouchedPath> =
        touched.iter().filter(|touched| touched.key.eq_ignore_ascii_case(key.as_str())).collect();
    if of_claim.is_empty() {
        return None;
    }
    let covers = |path: &str| claim.touches.iter().any(|touch| touch.covers(path));
    let is_undeclared = |touched: &&&TouchedPath| touched.is_undeclared || !covers(&touched.path);
    let undeclared: Vec<String> =
        of_claim.iter().filter(is_undeclared).map(|touched| touched.path.clone()).collect();
    let is_untouched = |touch: &&agentsync_core::PathSpec| {
        !undeclared.iter().any(|path| path == touch.as_str())
            && !of_claim.iter().any(|touched| touch.covers(&touched.path))
    };
    let untouched =
        claim.touches.iter().filter(is_untouched).map(|touch| touch.as_str().to_owned()).collect();
    Some(Edits { undeclared, untouched })
}

impl Edits {
    /// Says it in one line; `None` when there is nothing to say.
    pub fn said(&self) -> Option<String> {
        let list = |what: &str, paths: &[String]| {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            (!paths.is_empty()).then(|| format!("{what}: {}", super::words::list(&paths)))
        };
        let parts = [
            list("touched but never declared", &self.undeclared),
            list("declared but never touched", &self.untouched),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agentsync_core::{Dialect, PathSpec, Status};

    #[test]
    fn both_sides_are_told_apart() {
        let touches = ["docs", "src/a.rs", "src/new.rs"];
        let claim = Claim {
            touches: touches.iter().map(|text| PathSpec::read(text, Dialect::Agentsync)).collect(),
            task: String::new(),
            requires: Vec::new(),
            branch: None,
            status: Status::InProgress,
            updated_at: None,
            instance: None,
            note: None,
            op: None,
            generation: None,
            session: None,
            forced_over: Vec::new(),
            reason: None,
            changed_files: None,
            changed_files_repo: None,
            pr_url: None,
            lease: None,
            supersedes: Vec::new(),
            extra: Vec::new(),
        };
        let touched = |path: &str, is_undeclared| TouchedPath {
            key: "alice".to_owned(),
            path: path.to_owned(),
            is_undeclared,
        };
        let seen = [touched("src/a.rs", false), touched("src/new.rs", true), touched("other.md", false)];
        let found = edits(&ClaimKey::read("alice"), &claim, &seen).unwrap();
        assert_eq!(
            found.said().as_deref(),
            Some("touched but never declared: src/new.rs, other.md; declared but never touched: docs")
        );
        assert_eq!(edits(&ClaimKey::read("bob"), &claim, &seen), None);
    }
}
