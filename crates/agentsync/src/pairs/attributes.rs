//! What the `.gitattributes` of a tree say of paths: read from the tree, so that nothing of the work tree counts.

use std::path::{Path, PathBuf};

use gix::attrs::search::{MetadataCollection, Outcome};
use gix::attrs::{Search, StateRef};
use gix::bstr::ByteSlice as _;
use gix::glob::pattern::Case;

use super::left_out::Told;

/// What the files are called.
pub const NAME: &str = ".gitattributes";
/// Larger ones say nothing; git itself reads none beyond 100 MB.
pub const LARGE: u64 = 1 << 20;
/// The attributes that are asked for.
const ASKED: [&str; 2] = ["linguist-generated", "linguist-vendored"];

/// All that a tree tells of paths.
pub struct Attributes {
    search: Search,
    known: MetadataCollection,
    outcome: Outcome,
}

impl Attributes {
    /// Reads files given by their folder, each before those of the folders below it. `None` where none of them says
    /// anything that is asked for.
    pub fn read(files: &[(String, Vec<u8>)]) -> Option<Attributes> {
        let is_asked = |(_, text): &(String, Vec<u8>)| text.contains_str("linguist-");
        if !files.iter().any(is_asked) {
            return None;
        }
        let mut search = Search::default();
        let mut known = MetadataCollection::default();
        for (folder, text) in files {
            let source: PathBuf = [folder.as_str(), NAME].iter().collect();
            // Only the file at the root may define a name for several attributes.
            let may_define = folder.is_empty();
            search.add_patterns_buffer(text, source, Some(Path::new("")), &mut known, may_define).ok()?;
        }
        let mut outcome = Outcome::default();
        outcome.initialize_with_selection(&known, ASKED);
        Some(Attributes { search, known, outcome })
    }

    /// Returns what is said of a file.
    pub fn told(&mut self, path: &str) -> Told {
        self.outcome.initialize(&self.known);
        self.search.pattern_matching_relative_path(
            path.into(),
            Case::Sensitive,
            Some(false),
            &mut self.outcome,
        );
        let mut told = Told::default();
        for found in self.outcome.iter_selected() {
            let is = match found.assignment.state {
                StateRef::Set => Some(true),
                StateRef::Unset => Some(false),
                StateRef::Value(value) => Some(value.as_bstr() != "false"),
                StateRef::Unspecified => None,
            };
            match found.assignment.name.as_str() {
                "linguist-generated" => told.is_generated = is,
                _ => told.is_vendored = is,
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)], path: &str) -> (Option<bool>, Option<bool>) {
        let files: Vec<_> =
            files.iter().map(|(folder, text)| ((*folder).to_owned(), text.as_bytes().to_vec())).collect();
        let told = Attributes::read(&files).map(|mut attributes| attributes.told(path)).unwrap_or_default();
        (told.is_generated, told.is_vendored)
    }

    #[test]
    fn all_forms_of_an_attribute_are_understood() {
        let root = "*.pb.go linguist-generated\n/lib/** linguist-vendored=true\n*.go linguist-vendored=false\n\
                    own.pb.go -linguist-generated\nx.pb.go !linguist-generated\n";
        let at = |path| told(&[("", root)], path);
        assert_eq!(at("api/a.pb.go"), (Some(true), Some(false)));
        assert_eq!(at("api/own.pb.go"), (Some(false), Some(false)));
        assert_eq!(at("api/x.pb.go"), (None, Some(false)));
        assert_eq!(at("lib/a/b.c"), (None, Some(true)));
        assert_eq!(at("src/lib/b.c"), (None, None));
    }

    #[test]
    fn a_deeper_file_is_stronger_and_holds_below_its_folder() {
        let files = [
            ("", "[attr]made linguist-generated -diff\n*.ts made\n"),
            ("web", "*.ts -made -linguist-generated\n"),
        ];
        assert_eq!(told(&files, "web/a/b.ts"), (Some(false), None));
        assert_eq!(told(&files, "webs/b.ts"), (Some(true), None));
    }

    #[test]
    fn files_that_say_something_else_cost_nothing() {
        assert!(Attributes::read(&[(String::new(), b"* text=auto\n".to_vec())]).is_none());
        assert!(Attributes::read(&[]).is_none());
    }
}
