//! How one file comes to know the names of another.

use std::collections::BTreeSet;

use super::Source;
use crate::facts::{Definition, Import, Language};
use crate::semantic::names::folder;
use crate::semantic::{Family, family};

/// What leads from one file to another.
pub(super) struct Link {
    is_same_file: bool,
    /// Everything in it can be named: by a common package, or through the module.
    takes_all: bool,
    /// The names that are imported from it.
    names: BTreeSet<String>,
    /// Something in it that is in no type is named: values of its types may be at hand.
    is_used: bool,
}

/// Tells from a file's path alone whether an import of `user`, or a common folder, may lead to it.
pub(super) fn may_lead(user: Source<'_>, path: &str) -> bool {
    let place = Place::at(path, Vec::new());
    let is_near = folder(user.path) == folder(path);
    let follows = |import: &Import| {
        let module = parts(&import.module);
        let is_module = || import.name.as_deref() == Some(place.stem()) && place.is_below(&module);
        (module.is_empty() && is_near) || place.fits(&module) || is_module()
    };
    let sees_packages = !matches!(family(user.language), Family::Script | Family::Native)
        && !matches!(user.language, Language::Python | Language::Rust);
    // Java and its kin may spread a package over several folders of one name.
    let is_sibling = is_near || folder(user.path).rsplit('/').next() == folder(path).rsplit('/').next();
    (sees_packages && is_sibling)
        || user.facts.imports.iter().any(follows)
        || (user.language == Language::Rust && user.facts.mentions.contains_key(place.stem()))
}

impl Link {
    /// Looks at the imports of `user`; `None` when the two speak languages that know nothing of each other.
    pub(super) fn between(user: Source<'_>, of: Source<'_>) -> Option<Link> {
        let is_data = family(user.language) == Family::Data;
        if is_data || family(user.language) != family(of.language) {
            return None;
        }
        let is_same_file = user.path == of.path;
        let takes_all = is_same_file || share_a_package(user, of);
        let mut link = Link { is_same_file, takes_all, names: BTreeSet::new(), is_used: is_same_file };
        let place = Place::of(of);
        for import in &user.facts.imports {
            link.follow(import, &place, folder(user.path) == folder(of.path));
        }
        let stem = place.stem();
        // `module::name` and `module.name` need no import of the name.
        let names_module = user.language == Language::Rust && !is_root(stem);
        link.takes_all |= names_module && user.facts.mentions.contains_key(stem);
        let is_named = |def: &Definition| link.names_top(def) && user.facts.mentions.contains_key(&def.name);
        link.is_used |= of.facts.definitions.iter().any(is_named);
        Some(link)
    }

    /// Tells whether a definition in no type can be named.
    fn names_top(&self, def: &Definition) -> bool {
        def.container.is_empty() && (self.takes_all || self.names.contains(&def.name))
    }

    fn follow(&mut self, import: &Import, place: &Place, is_near: bool) {
        let module = parts(&import.module);
        let fits = if module.is_empty() { is_near } else { place.fits(&module) };
        match import.name.as_deref() {
            None | Some("*") => self.takes_all |= fits,
            Some(name) => {
                // `from package import module`, `use crate::module`.
                let is_module = name.trim_end_matches(".h") == place.stem() && !is_root(name);
                self.takes_all |= is_module && (fits || is_near || place.is_below(&module));
                if fits {
                    self.names.insert(name.to_owned());
                }
            }
        }
    }

    pub(super) fn is_same_file(&self) -> bool {
        self.is_same_file
    }

    /// Tells whether a definition is reached by more than its name.
    pub(super) fn reaches(&self, def: &Definition) -> bool {
        match def.container.is_empty() {
            true => self.names_top(def),
            false => self.is_used,
        }
    }
}

/// The names by which a file can be imported: its folders, and its own without the ending.
struct Place {
    names: Vec<String>,
    package: Vec<String>,
}

impl Place {
    fn of(source: Source<'_>) -> Place {
        Place::at(source.path, source.facts.package.as_deref().map(parts).unwrap_or_default())
    }

    fn at(path: &str, package: Vec<String>) -> Place {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.split('.').next().unwrap_or(file);
        let folders = folder.split('/').filter(|name| !name.is_empty());
        Place { names: folders.chain([stem]).map(plain).collect(), package }
    }

    fn stem(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Tells whether a module may be this file, or a folder it stands in: many pass on what is below them.
    fn fits(&self, module: &[String]) -> bool {
        let Some(last) = module.last() else { return false };
        module == self.package || self.names.contains(last)
    }

    fn is_below(&self, module: &[String]) -> bool {
        module.last().is_none_or(|last| self.names.contains(last))
    }
}

/// Splits `java.util`, `./user.js`, `crate::auth`, `..models`; what says "here" or "the root" is left out.
fn parts(module: &str) -> Vec<String> {
    let module = module.trim_matches(['"', '<', '>']);
    let is_path = module.contains('/') || module.starts_with('.');
    let module =
        ["js", "jsx", "ts", "tsx", "mjs", "cjs", "h", "hpp"].iter().fold(module, |module, ending| {
            let cut = module.strip_suffix(ending).and_then(|rest| rest.strip_suffix('.'));
            cut.filter(|rest| is_path || !rest.contains('.')).unwrap_or(module)
        });
    let words = module.split(['/', '.', ':', '\\']).map(plain);
    words.filter(|word| !matches!(word.as_str(), "" | "crate" | "self" | "super" | "@")).collect()
}

fn plain(name: &str) -> String {
    name.replace('-', "_")
}

/// Tells whether a file stands for the folder it is in.
fn is_root(stem: &str) -> bool {
    matches!(stem, "index" | "mod" | "lib" | "main" | "__init__")
}

/// Tells whether files of one package see each other without an import.
fn share_a_package(user: Source<'_>, of: Source<'_>) -> bool {
    let by_folder = folder(user.path) == folder(of.path);
    match user.language {
        Language::Go => by_folder && user.facts.package == of.facts.package,
        Language::Java | Language::Kotlin | Language::Scala => match (&user.facts.package, &of.facts.package)
        {
            (None, None) => by_folder,
            (one, other) => one == other,
        },
        Language::Swift | Language::CSharp | Language::Php => {
            by_folder && user.facts.package == of.facts.package
        }
        _ => false,
    }
}
