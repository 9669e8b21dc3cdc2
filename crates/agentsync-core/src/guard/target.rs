//! A path that is about to change, or has.

use crate::region::{Region, SymbolPath};
use crate::spec::{Dialect, PathSpec, PathSpecError};

/// A path of the repository: one file or folder, whatever characters are in its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    path: String,
    spec: PathSpec,
    parts: Option<Vec<SymbolPath>>,
}

impl Target {
    /// Parses a path, absolute below one of `roots` or relative to the repository's root.
    ///
    /// What leaves the repository, or leads into git's own folder, is nobody's to claim: an error.
    pub fn parse(path: &str, roots: &[&str]) -> Result<Target, PathSpecError> {
        match PathSpec::parse_whole(&escape(path), roots) {
            Ok(spec) => Ok(Target { path: unescape(spec.as_str()), spec, parts: None }),
            // A name that nobody could declare may still lie below what somebody did.
            Err(PathSpecError::Hidden { .. } | PathSpecError::Glob { .. } | PathSpecError::Long { .. }) => {
                let spec = PathSpec::read(path, Dialect::Agentsync);
                Ok(Target { path: path.to_owned(), spec, parts: None })
            }
            Err(err) => Err(err),
        }
    }

    /// Parses a pattern that stands for all the paths it matches.
    pub fn pattern(text: &str, roots: &[&str]) -> Result<Target, PathSpecError> {
        let spec = PathSpec::parse_whole(text, roots)?;
        Ok(Target { path: spec.as_str().to_owned(), spec, parts: None })
    }

    /// Says which symbols of the file are changed, innermost; none, when what changes belongs to no symbol.
    #[must_use]
    pub fn narrowed(self, parts: Vec<SymbolPath>) -> Target {
        // A name that is written as a pattern, or reads like a part, cannot be narrowed.
        let is_fit = !self.spec.is_glob() && Region::split(&self.path).is_none();
        Target { parts: is_fit.then_some(parts), ..self }
    }

    /// Returns which symbols of the file are changed; `None` when it is not known, so it may be any.
    pub fn parts(&self) -> Option<&[SymbolPath]> {
        self.parts.as_deref()
    }

    /// Returns the path, relative to the repository's root.
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// Returns what a claim of this path alone would declare.
    pub fn spec(&self) -> &PathSpec {
        &self.spec
    }

    /// Returns what lies beside it in the same folder.
    pub(super) fn siblings(&self) -> Option<PathSpec> {
        let (folder, _) = self.spec.as_str().trim_end_matches('/').rsplit_once('/')?;
        Some(PathSpec::read(&format!("{folder}/*"), Dialect::Agentsync))
    }
}

/// Spells a name so that no character of it is a wildcard. A bracket expression means itself already.
fn escape(path: &str) -> String {
    let mut safe = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '{' => safe.extend(['[', c, ']']),
            _ => safe.push(c),
        }
    }
    safe
}

fn unescape(spec: &str) -> String {
    let plain = ['*', '?', '{']
        .iter()
        .fold(spec.to_owned(), |text, c| text.replace(&format!("[{c}]"), &c.to_string()));
    plain.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_target(path: &str, want: &str, spec: &str) {
        let target = Target::parse(path, &["/repo"]).unwrap();
        assert_eq!((target.as_str(), target.spec().as_str()), (want, spec));
        assert!(target.spec().covers(want), "{want}");
    }

    #[test]
    fn a_path_is_itself_whatever_is_in_its_name() {
        check_target("/repo/src/a.rs", "src/a.rs", "src/a.rs");
        check_target("./src//a.rs", "src/a.rs", "src/a.rs");
        check_target("app/[id]/page.tsx", "app/[id]/page.tsx", "app/[id]/page.tsx");
        check_target("odd*name", "odd*name", "odd[*]name");
        check_target("what?.md", "what?.md", "what[?].md");
        check_target("{a,b}.rs", "{a,b}.rs", "[{]a,b}.rs");
        check_target("notes#1.md", "notes#1.md", "notes#1.md");
        check_target("a.rs#login", "a.rs#login", "a.rs#login");
        assert!(!Target::parse("odd*name", &[]).unwrap().spec().covers("oddxname"));
    }

    #[test]
    fn what_is_not_of_the_repository_is_refused() {
        for path in ["/etc/passwd", "../x", ".git/config", "", "/repo/.git/index"] {
            assert!(Target::parse(path, &["/repo"]).is_err(), "{path}");
        }
    }
}
