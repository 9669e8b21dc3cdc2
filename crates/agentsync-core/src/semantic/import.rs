//! S4: A moved or removed what B begins to import.

use super::names::last;
use super::view::{View, defines};
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Import, Language};

/// What an import leads to on one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// To something there.
    There,
    /// To a module that is there and no longer has the name.
    NoName,
    /// Nowhere.
    Nowhere,
    /// That cannot be told.
    Unknown,
}

/// Finds imports that B adds and that lead nowhere in the merged tree.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.b_files() {
        let Some(merged) = file.at(Version::Merged) else { continue };
        let is_known = |import: &Import| {
            file.at(view.a).is_some_and(|facts| {
                facts.imports.iter().any(|one| one.module == import.module && one.name == import.name)
            })
        };
        for import in merged.imports.iter().filter(|import| !is_known(import)) {
            // What leads nowhere on B already is B's own matter.
            if leads(view, view.b, file, import) != Leads::There {
                continue;
            }
            match leads(view, Version::Merged, file, import) {
                Leads::There | Leads::Unknown => {}
                Leads::NoName | Leads::Nowhere => found.push(tell(view, file, import)),
            }
        }
    }
}

/// Tells whether an import leads to something in the tree.
pub(super) fn is_there(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> bool {
    leads(view, version, file, import) == Leads::There
}

fn leads(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    match file.language {
        Language::Java | Language::Kotlin | Language::Scala => jvm(view, version, file, import),
        Language::Python => python(view, version, file, import),
        Language::JavaScript | Language::TypeScript | Language::Tsx => script(view, version, file, import),
        Language::Go => go(view, version, import),
        Language::Rust => rust(view, version, file, import),
        Language::C | Language::Cpp => native(view, version, file, import),
        _ => Leads::Unknown,
    }
}

/// A type of a package, a member of a type, or a type in a type.
fn jvm(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    let Some(name) = import.name.as_deref().filter(|name| *name != "*") else { return Leads::Unknown };
    let holder = last(&import.module);
    let is_nested = holder.chars().next().is_some_and(char::is_uppercase);
    let asked = if is_nested { holder } else { name };
    let naming = view.trees.types(version, asked);
    let is_other_jvm = |path: &String| matches!(path.rsplit_once('.'), Some((_, "scala" | "groovy")));
    if naming.is_cut || naming.unread.iter().any(is_other_jvm) {
        return Leads::Unknown;
    }
    let has_it = |facts: &Facts| {
        let package = facts.package.as_deref();
        let mut named = facts.definitions.iter().filter(|one| one.name == name);
        package.is_some_and(|package| named.any(|one| is_path(&[package, &one.container], &import.module)))
    };
    let mut definers = naming.files.iter().filter(|found| has_it(&found.facts)).peekable();
    let is_there = definers.peek().is_some();
    let is_near = |path: &str| module_of(path) == module_of(&file.path);
    if version == Version::Merged
        && is_there
        && !definers.any(|found| is_near(&found.path))
        && has_moved(view, asked, is_near, has_it)
    {
        return Leads::Nowhere;
    }
    // A member may be inherited; then the type itself has to do.
    let is_holder_there = || {
        naming.files.iter().any(|found| {
            let package = found.facts.package.as_deref().unwrap_or_default();
            let mut named = found.facts.definitions.iter().filter(|one| one.name == holder);
            named.any(|one| {
                is_path(&[package, &one.container, &one.name], &import.module) && !one.supertypes.is_empty()
            })
        })
    };
    match is_there || (is_nested && is_holder_there()) {
        true => Leads::There,
        false => Leads::Nowhere,
    }
}

/// Tells whether A took what `has_it` from one of some files and put something of that name into another: what still has
/// its name elsewhere stood beside it before, so it was not meant.
fn has_moved(
    view: &View<'_>,
    name: &str,
    is_near: impl Fn(&str) -> bool,
    has_it: impl Fn(&Facts) -> bool,
) -> bool {
    let has_name = |facts: &Facts| defines(facts, name);
    let is_gone =
        |file: &Changed| file.at(Version::Base).is_some_and(&has_it) && !file.at(view.a).is_some_and(&has_it);
    let is_new = |file: &Changed| {
        !file.at(Version::Base).is_some_and(has_name) && file.at(view.a).is_some_and(has_name)
    };
    let near = || view.a_files().filter(|file| is_near(&file.path));
    near().any(is_gone) && near().any(is_new)
}

/// Returns the folder that holds a file's sources, as builds of the JVM lay them out.
fn module_of(path: &str) -> &str {
    path.split_once("/src/").map_or("", |(module, _)| module)
}

/// Tells whether parts, those that are not empty, make up a dotted path.
fn is_path(parts: &[&str], path: &str) -> bool {
    let mut named = parts.iter().filter(|part| !part.is_empty());
    let mut rest = named.next().and_then(|first| path.strip_prefix(first));
    for part in named {
        rest = rest.and_then(|rest| rest.strip_prefix('.')?.strip_prefix(part));
    }
    rest == Some("")
}

/// A dotted path below some root, or one relative to the file.
fn python(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    let dots = import.module.chars().take_while(|c| *c == '.').count();
    let rest = import.module.trim_start_matches('.').replace('.', "/");
    let roots = match dots {
        0 => roots(&file.path),
        n => ancestor(&file.path, n).into_iter().collect(),
    };
    let module = roots.iter().find_map(|root| {
        let path = join(root, &rest);
        let files =
            [format!("{path}.py"), join(&path, "__init__.py"), format!("{path}.pyi"), format!("{path}.pyx")];
        let file = files.into_iter().find(|path| view.trees.has_path(version, path));
        file.or_else(|| (!rest.is_empty() && view.trees.has_path(version, &path)).then_some(path))
    });
    let Some(module) = module else { return Leads::Nowhere };
    let Some(name) = import.name.as_deref().filter(|name| *name != "*") else { return Leads::There };
    let Some(facts) = view.trees.facts(version, &module) else { return Leads::There };
    let folder = module.strip_suffix("/__init__.py");
    let is_module = folder.is_some_and(|folder| {
        [format!("{folder}/{name}.py"), format!("{folder}/{name}")]
            .iter()
            .any(|path| view.trees.has_path(version, path))
    });
    match is_module || offers(&facts, name) || has_dynamic_names(&facts) {
        true => Leads::There,
        false => Leads::NoName,
    }
}

/// Tells whether a module may have names that are written nowhere.
pub(super) fn has_dynamic_names(facts: &Facts) -> bool {
    let dynamic = ["__getattr__", "globals", "setattr", "__all__"];
    let is_star = |import: &Import| import.name.as_deref() == Some("*");
    dynamic.iter().any(|name| facts.mentions.contains_key(*name)) || facts.imports.iter().any(is_star)
}

fn offers(facts: &Facts, name: &str) -> bool {
    let at_top = facts.definitions.iter().any(|one| one.name == name && one.container.is_empty());
    at_top
        || facts.imports.iter().any(|import| import.bound.as_deref() == Some(name))
        || facts.declared.iter().any(|one| one.name == name)
        || facts.exports.iter().any(|one| one == name)
}

/// A path relative to the file, with or without its ending.
fn script(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    if !import.module.starts_with('.') {
        return Leads::Unknown;
    }
    let Some(path) = relative(&file.path, &import.module) else { return Leads::Unknown };
    let bare = [".js", ".jsx", ".mjs", ".cjs"].iter().find_map(|ending| path.strip_suffix(ending));
    let endings = [
        "",
        ".ts",
        ".tsx",
        ".js",
        ".jsx",
        ".mjs",
        ".cjs",
        ".mts",
        ".cts",
        ".d.ts",
        ".json",
        ".vue",
        "/index.ts",
        "/index.tsx",
        "/index.js",
        "/index.jsx",
        "/index.mjs",
        "/package.json",
    ];
    let stems = [Some(path.as_str()), bare];
    let candidates =
        stems.into_iter().flatten().flat_map(|stem| endings.map(|ending| format!("{stem}{ending}")));
    let Some(found) = candidates.into_iter().find(|path| view.trees.has_path(version, path)) else {
        // What a build makes is in no tree.
        return Leads::Nowhere;
    };
    let Some(name) = import.name.as_deref().filter(|name| !matches!(*name, "*" | "default")) else {
        return Leads::There;
    };
    let Some(facts) = view.trees.facts(version, &found) else { return Leads::There };
    let is_star = |import: &Import| import.is_reexport && import.name.as_deref() == Some("*");
    let is_es = facts.definitions.iter().any(|one| one.modifiers.is_public) || !facts.exports.is_empty();
    let is_common = ["module", "exports", "require"].iter().any(|word| facts.mentions.contains_key(*word));
    if !is_es || is_common || facts.imports.iter().any(is_star) {
        return Leads::There;
    }
    let is_public = facts.definitions.iter().any(|one| one.name == name && one.modifiers.is_public);
    let is_passed_on = facts.imports.iter().any(|one| one.is_reexport && one.bound.as_deref() == Some(name));
    match is_public || is_passed_on || facts.exports.iter().any(|one| one == name) {
        true => Leads::There,
        // Exports come in more shapes than are known here: a file that still says the name may export it.
        false if facts.mentions.contains_key(name) && !keeps_back(&facts, name) => Leads::Unknown,
        false => Leads::NoName,
    }
}

/// Tells whether a module has a name only for itself: defined without `export`, or imported.
fn keeps_back(facts: &Facts, name: &str) -> bool {
    let is_own = |one: &Definition| one.name == name && one.container.is_empty() && one.modifiers.is_private;
    let is_taken = |import: &Import| import.bound.as_deref() == Some(name) && !import.is_reexport;
    facts.definitions.iter().any(is_own) || facts.imports.iter().any(is_taken)
}

/// A folder of the tree that ends like the import path.
fn go(view: &View<'_>, version: Version, import: &Import) -> Leads {
    let parts: Vec<&str> = import.module.split('/').collect();
    let host = parts.first().copied().unwrap_or_default();
    let is_hosted = host.contains('.');
    // A module's own path: a forge's has an owner and a name, any other host's one name at least. What comes
    // after it may be one folder; without it, one folder could be anybody's.
    let n_own = if matches!(host, "github.com" | "gitlab.com" | "bitbucket.org") { 3 } else { 2 };
    let folder = |n: usize| parts.get(n..).map(|rest| rest.join("/"));
    let is_there = |n: usize| {
        let is_plausible = |path: &String| path.contains('/') || (is_hosted && n_own <= n);
        folder(n).filter(is_plausible).is_some_and(|path| view.trees.has_path(version, &path))
    };
    match (1..parts.len()).any(is_there) {
        true => Leads::There,
        false => Leads::Nowhere,
    }
}

/// A header beside the file, or below a folder above it or one where headers are kept by custom.
fn native(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    let header = import.module.as_str();
    if header.starts_with('<') {
        return Leads::Unknown;
    }
    let below = |folder: &str| ["", "include", "inc", "src"].map(|kept| join(&join(folder, kept), header));
    let beside = relative(&file.path, header);
    let mut candidates = beside.into_iter().chain(folders_above(&file.path).flat_map(below));
    if candidates.any(|path| view.trees.has_path(version, &path)) {
        return Leads::There;
    }
    // The compiler may be told of more folders: a header that moved may still be found.
    let name = header.rsplit('/').next().unwrap_or(header);
    let is_elsewhere = view
        .delta
        .files
        .iter()
        .any(|other| other.path.rsplit('/').next() == Some(name) && other.at(version).is_some());
    if is_elsewhere { Leads::Unknown } else { Leads::Nowhere }
}

/// A path of modules from the crate's root or from the file's own module.
fn rust(view: &View<'_>, version: Version, file: &Changed, import: &Import) -> Leads {
    let parts: Vec<&str> = import.module.split("::").collect();
    let Some((first, rest)) = parts.split_first() else { return Leads::Unknown };
    let Some(root) = rust_root(&file.path) else { return Leads::Unknown };
    let mut folder = match *first {
        "crate" => root,
        _ => return Leads::Unknown,
    };
    let mut module = None;
    for part in rest {
        folder = join(&folder, part);
        let files = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        let Some(file) = files.into_iter().find(|path| view.trees.has_path(version, path)) else {
            // It may be a module written in its parent's file, or a type.
            return if module.is_none() {
                if is_inline(view, version, &folder, part) { Leads::Unknown } else { Leads::Nowhere }
            } else {
                in_module(view, version, module.as_deref(), part)
            };
        };
        module = Some(file);
    }
    let Some(name) = import.name.as_deref().filter(|name| !matches!(*name, "*" | "self")) else {
        return Leads::There;
    };
    let is_module = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
        .iter()
        .any(|path| view.trees.has_path(version, path));
    if is_module { Leads::There } else { in_module(view, version, module.as_deref(), name) }
}

/// Tells whether a crate's root has a module written out in it.
pub(super) fn is_inline(view: &View<'_>, version: Version, folder: &str, module: &str) -> bool {
    let root = folder.strip_suffix(module).unwrap_or(folder);
    ["lib.rs", "main.rs"].iter().any(|file| {
        view.trees.facts(version, &format!("{root}{file}")).is_some_and(|facts| {
            facts
                .definitions
                .iter()
                .any(|one| one.kind == DefKind::Module && one.name == module && one.body_hash != 0)
        })
    })
}

fn in_module(view: &View<'_>, version: Version, module: Option<&str>, name: &str) -> Leads {
    let Some(facts) = module.and_then(|path| view.trees.facts(version, path)) else { return Leads::Unknown };
    let is_star =
        facts.imports.iter().any(|import| import.is_reexport && import.name.as_deref() == Some("*"));
    let has_macros = facts.definitions.iter().any(|one| one.kind == DefKind::Macro);
    match offers(&facts, name) || defines(&facts, name) {
        true => Leads::There,
        false if is_star || has_macros || facts.mentions.contains_key(name) => Leads::Unknown,
        false => Leads::NoName,
    }
}

fn rust_root(path: &str) -> Option<String> {
    let (before, _) = path.rsplit_once("src/")?;
    Some(format!("{before}src"))
}

/// Puts a folder before a path.
pub(super) fn join(folder: &str, rest: &str) -> String {
    match (folder.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{rest}"),
    }
}

/// Returns every folder above a file, the nearest first, the root of the tree (empty) last.
pub(super) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').filter_map(|(at, _)| path.get(..at)).chain(std::iter::once(""))
}

/// Tells whether a file stands below a folder; all do below the root, which is empty.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the folders that may be the root of a dotted path: every folder above the file.
fn roots(path: &str) -> Vec<String> {
    let mut roots: Vec<String> = folders_above(path).map(str::to_owned).collect();
    roots.extend(["src".to_owned(), "lib".to_owned(), "python".to_owned()]);
    roots
}

/// Returns the folder `n` levels up, 1 being the file's own.
fn ancestor(path: &str, n: usize) -> Option<String> {
    let mut folder = path;
    for _ in 0..n {
        folder = match folder.rsplit_once('/') {
            Some((above, _)) => above,
            None if folder.is_empty() => return None,
            None => "",
        };
    }
    Some(folder.to_owned())
}

/// Returns the path that `./x` or `../x` in a file leads to.
fn relative(path: &str, module: &str) -> Option<String> {
    let mut folder: Vec<&str> = path.split('/').collect();
    folder.pop();
    for part in module.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(folder.pop()?),
            part => folder.push(part),
        }
    }
    Some(folder.join("/"))
}

fn tell(view: &View<'_>, file: &Changed, import: &Import) -> Finding {
    let name = import.name.as_deref().filter(|name| *name != "*").unwrap_or(&import.module);
    let line = line_on_b(view, file, import);
    let (place, now) = origin(view, name).unwrap_or_else(|| (View::before(&file.path, line), None));
    let instead = now.map_or_else(
        || "import what took its place, or keep it".to_owned(),
        |path| format!("import it from {path}"),
    );
    let message = format!(
        "`{name}` is no longer where {}:{line} begins to import it from (`{}`): {instead}.",
        file.path, import.module
    );
    view.finding(Rule::S4, Tier::High, name, place, view.on_b(&file.path, line), message)
}

fn line_on_b(view: &View<'_>, file: &Changed, import: &Import) -> u32 {
    let same = |one: &&Import| one.module == import.module && one.name == import.name;
    let on_b = file.at(view.b).and_then(|facts| facts.imports.iter().find(same));
    on_b.unwrap_or(import).span.line
}

/// Returns where A had the name, and the file where it is now.
fn origin(view: &View<'_>, name: &str) -> Option<(super::Place, Option<String>)> {
    let has = |facts: Option<&Facts>| facts.is_some_and(|facts| defines(facts, name));
    let file = view.a_files().find(|file| has(file.at(Version::Base)) && !has(file.at(view.a)))?;
    let line = file.at(Version::Base)?.definitions.iter().find(|one| one.name == name)?.name_line;
    let now = view.a_files().find(|file| has(file.at(view.a)) && !has(file.at(Version::Base)));
    Some((View::before(&file.path, line), now.map(|file| file.path.clone())))
}
