//! One direction of a pair: side A took something away, side B relies on it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::added::{self, AddedCall};
use super::{Changed, Delta, Family, Finding, Found, Naming, Place, Rule, Tier, Trees, Version};
use crate::facts::{Call, DefKind, Definition, Facts};

/// A pair seen from one side.
pub struct View<'a> {
    /// The changed files.
    pub delta: &'a Delta,
    /// The whole trees.
    pub trees: &'a dyn Trees,
    /// The side that took something away.
    pub a: Version,
    /// The side that relies on it.
    pub b: Version,
    /// The calls that B adds, by name.
    calls: BTreeMap<&'a str, Vec<AddedCall<'a>>>,
    /// The members that B begins to read, by name.
    reads: BTreeMap<&'a str, Vec<AddedCall<'a>>>,
    /// What the merged text of the files that B changed defines, by name.
    definitions: ByName<'a>,
    /// The names of all types above a type, once they were asked for.
    above: RefCell<BTreeMap<Family, Above>>,
}

/// The names above each type that was asked for.
type Above = BTreeMap<String, Rc<BTreeSet<String>>>;
type ByName<'a> = BTreeMap<&'a str, Vec<(&'a Changed, &'a Definition)>>;

/// A definition with its file.
#[derive(Debug, Clone, Copy)]
pub struct Defined<'a> {
    /// The file.
    pub path: &'a str,
    /// What the file says.
    pub facts: &'a Facts,
    /// The definition.
    pub definition: &'a Definition,
}

/// A file in which B adds uses of a name.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The file.
    pub file: &'a Changed,
    /// The first line of B that has it.
    pub line: u32,
}

impl<'a> View<'a> {
    /// Looks at a pair from side `a`.
    pub fn new(delta: &'a Delta, trees: &'a dyn Trees, a: Version, b: Version) -> View<'a> {
        let calls = added::calls(delta, a, b, |facts| &facts.calls);
        let reads = added::calls(delta, a, b, |facts| &facts.reads);
        let mut view =
            View { delta, trees, a, b, calls, reads, definitions: ByName::new(), above: RefCell::default() };
        for file in view.b_files() {
            for one in file.at(Version::Merged).into_iter().flat_map(|facts| &facts.definitions) {
                view.definitions.entry(&one.name).or_default().push((file, one));
            }
        }
        view
    }

    /// Returns the files that A changed.
    pub fn a_files(&self) -> impl Iterator<Item = &'a Changed> + use<'a> {
        let a = self.a;
        self.delta.files.iter().filter(move |file| file.is_changed_on(a))
    }

    /// Returns the files that B changed and whose merged text is known.
    pub fn b_files(&self) -> impl Iterator<Item = &'a Changed> + use<'a> {
        let b = self.b;
        self.delta.files.iter().filter(move |file| file.is_changed_on(b) && file.merged.is_some())
    }

    /// Returns the calls of `name` that B adds.
    pub fn added_calls(&self, name: &str) -> &[AddedCall<'a>] {
        self.calls.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns what has that name in the merged text of the files that B changed.
    pub fn defined_in_b(&self, name: &str) -> &[(&'a Changed, &'a Definition)] {
        self.definitions.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the names of the types above one, as `find` finds them the first time.
    pub fn above(
        &self,
        name: &str,
        family: Family,
        find: impl FnOnce() -> BTreeSet<String>,
    ) -> Rc<BTreeSet<String>> {
        let known = self.above.borrow().get(&family).and_then(|known| known.get(name)).cloned();
        known.unwrap_or_else(|| {
            let found = Rc::new(find());
            self.above.borrow_mut().entry(family).or_default().insert(name.to_owned(), found.clone());
            found
        })
    }

    /// Returns where B begins to read a member of that name without calling it.
    pub fn added_reads(&self, name: &str) -> &[AddedCall<'a>] {
        self.reads.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the files in which B adds a use of `name`, in languages of the family.
    pub fn added_uses(&self, name: &str, family: Family) -> Vec<Use<'a>> {
        let is_more = |file: &&Changed| {
            count(file.at(Version::Merged), name) > count(file.at(self.a), name) && file.family() == family
        };
        let used = |file: &'a Changed| Some(Use { file, line: self.line_of(file, name)? });
        self.b_files().filter(is_more).filter_map(used).collect()
    }

    /// Returns the line where B's version has a name, a line that is not an import if there is one.
    fn line_of(&self, file: &Changed, name: &str) -> Option<u32> {
        let facts = file.at(self.b).or(file.at(Version::Merged))?;
        let lines = facts.lines_of(name);
        let base = file.at(Version::Base).map_or(&[][..], |base| base.lines_of(name));
        let is_import = |line: &u32| facts.imports.iter().any(|import| import.span.line == *line);
        let is_new = |line: &&u32| !base.contains(line);
        let used = lines.iter().filter(is_new).find(|line| !is_import(line));
        used.or_else(|| lines.iter().find(|line| !is_import(line))).or_else(|| lines.first()).copied()
    }

    /// Returns where `name` stands.
    pub fn naming(&self, version: Version, name: &str) -> std::sync::Arc<Naming> {
        self.trees.naming(version, name)
    }

    /// Tells whether a name is defined anywhere in a version.
    pub fn is_defined(&self, version: Version, name: &str, family: Family) -> bool {
        let in_delta = self.delta.files.iter().filter(|file| file.family() == family);
        let is_in = |facts: &Facts| defines(facts, name);
        in_delta.filter_map(|file| file.at(version)).any(is_in)
            || self
                .naming(version, name)
                .files
                .iter()
                .any(|found| found.family == family && is_in(&found.facts))
    }

    /// Returns how sure it is that a version does not mention a name at all: `None` if it does.
    pub fn extinct(&self, version: Version, name: &str, family: Family) -> Option<Tier> {
        let naming = self.naming(version, name);
        let in_code = |found: &&Found| found.family == family && found.facts.mentions.contains_key(name);
        if naming.is_cut || naming.files.iter().any(|found| in_code(&found)) {
            return None;
        }
        let quoted = |found: &Found| found.family == family && found.facts.quoted.contains_key(name);
        let is_dynamic = matches!(family, Family::Script | Family::One(_)) && !is_compiled(family);
        let in_text = is_dynamic && naming.files.iter().any(quoted);
        let is_unsure = in_text || naming.unread.iter().any(|path| may_define(path, family));
        Some(if is_unsure { Tier::Medium } else { Tier::High })
    }

    /// Builds a finding from A's place and B's.
    pub fn finding(
        &self,
        rule: Rule,
        tier: Tier,
        name: &str,
        a: Place,
        b: Place,
        message: String,
    ) -> Finding {
        let (left, right) = if self.a == Version::Left { (a, b) } else { (b, a) };
        Finding { rule, tier, name: name.to_owned(), left, right, message }
    }

    /// Returns a place on side A.
    pub fn on_a(&self, path: &str, line: u32) -> Place {
        Place { version: self.a, path: path.to_owned(), line }
    }

    /// Returns a place that A took away, as it was.
    pub fn before(path: &str, line: u32) -> Place {
        Place { version: Version::Base, path: path.to_owned(), line }
    }

    /// Returns a place on side B.
    pub fn on_b(&self, path: &str, line: u32) -> Place {
        Place { version: self.b, path: path.to_owned(), line }
    }
}

/// Returns how often a file mentions a name.
pub fn count(facts: Option<&Facts>, name: &str) -> u32 {
    facts.and_then(|facts| facts.mentions.get(name)).map_or(0, |mention| mention.n)
}

/// Tells whether a file defines a name for others to see.
pub fn defines(facts: &Facts, name: &str) -> bool {
    facts.definitions.iter().any(|one| one.name == name && one.kind != DefKind::Key)
}

/// Tells whether a file binds a name as a local one, an argument or a field.
pub fn declares(facts: &Facts, name: &str) -> bool {
    facts.declared.iter().any(|one| one.name == name)
}

/// Tells whether a call gives what a definition takes; a call that hides its arguments always does.
pub fn accepts(definition: &Definition, call: &Call) -> bool {
    let Some(params) = &definition.params else { return true };
    let crate::facts::Arity::Exactly(n) = call.arity else { return true };
    let by_name = call.names.iter().filter(|name| params.names.contains(name)).count();
    let unknown =
        call.names.iter().any(|name| !params.names.contains(name) && !params.required_names.contains(name));
    let n_filled = n.saturating_add(u16::try_from(by_name).unwrap_or(u16::MAX));
    let required = params.required_names.iter().all(|name| call.names.contains(name));
    n_filled >= params.min
        && params.max.is_none_or(|max| n <= max)
        && required
        && (params.takes_any_name || !unknown)
}

fn is_compiled(family: Family) -> bool {
    use crate::facts::Language::{CSharp, Go, Rust, Swift};
    matches!(family, Family::One(Go | Rust | CSharp | Swift))
}

/// Tells whether a file that nobody here can parse may define names for a family.
fn may_define(path: &str, family: Family) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match family {
        Family::Jvm => matches!(ending, "kt" | "kts" | "scala" | "groovy" | "clj" | "java" | "g4" | "proto"),
        Family::Script => matches!(ending, "vue" | "svelte" | "astro"),
        Family::Native => matches!(ending, "c" | "h" | "cc" | "cpp" | "hpp" | "m" | "mm"),
        Family::One(_) => matches!(ending, "proto" | "pyx" | "ipynb"),
        Family::Data => false,
    }
}
