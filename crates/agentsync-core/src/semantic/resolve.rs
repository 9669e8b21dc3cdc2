//! Which definition a call may mean: the cheap half of what a compiler knows.

use std::collections::BTreeSet;

use super::added::AddedCall;
use super::infer::{type_of, type_of_bound};
use super::names::last;
use super::view::View;
use super::written::plain_type;
use super::{Family, Version};
use crate::facts::{Call, Declared, DefKind, Definition, Facts, Language, Receiver};

/// How a call stands to a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// It calls something else.
    No,
    /// It may.
    Maybe,
    /// The receiver's type is known and it does.
    Surely,
}

/// How deep supertypes are followed.
const DEEP: usize = 8;

/// Tells whether an added call may mean a definition of that kind in that container.
pub fn means(view: &View<'_>, added: &AddedCall<'_>, definition: &Definition) -> Means {
    let Some(facts) = added.file.at(Version::Merged) else { return Means::No };
    let call = added.call;
    match (definition.kind, &call.receiver) {
        (DefKind::Constructor, Receiver::New) => constructs(view, added, facts, last(&definition.container)),
        (DefKind::Constructor, Receiver::None) => match added.file.language {
            Language::Python | Language::Kotlin => Means::Maybe,
            _ => Means::No,
        },
        (DefKind::Function | DefKind::Macro, Receiver::None) => Means::Maybe,
        (DefKind::Function, Receiver::Name(name)) => match declared_type(facts, call, name) {
            None if names_module(added.file.language, facts, name) => Means::Maybe,
            Some(_) | None => Means::No,
        },
        (_, Receiver::New) | (DefKind::Function | DefKind::Macro | DefKind::Constructor, _) => Means::No,
        (_, Receiver::None) => own_member(view, added, definition),
        (_, Receiver::Name(name)) => on_name(view, added, facts, name, definition),
        (_, Receiver::Value(value)) => type_of(view, added, value)
            .map_or(Means::Maybe, |of| on_type(view, added.file.family(), &of, definition)),
        (_, Receiver::Other) => Means::Maybe,
    }
}

/// Judges the making of a value: of the only type that has the name, unless an import brings another one.
fn constructs(view: &View<'_>, added: &AddedCall<'_>, facts: &Facts, of: &str) -> Means {
    let mut n_types = 0;
    let mut is_interface = false;
    for_each_type(view, Version::Merged, of, added.file.family(), &mut |_, definition| {
        n_types += 1;
        is_interface |= definition.kind == DefKind::Interface;
    });
    let declares_own = facts.definitions.iter().any(|one| one.name == of && one.modifiers.is_local);
    match n_types {
        1 if !declares_own && !is_interface && !is_foreign(view, added, facts, of) => Means::Surely,
        _ if is_interface => Means::No,
        _ => Means::Maybe,
    }
}

/// Tells whether an import binds the name to something that is not in this tree.
pub fn is_foreign(view: &View<'_>, added: &AddedCall<'_>, facts: &Facts, of: &str) -> bool {
    let import = facts.imports.iter().find(|import| import.bound.as_deref() == Some(of));
    let is_jvm = added.file.family() == Family::Jvm;
    import.is_some_and(|import| {
        is_jvm
            && !view.trees.types(Version::Merged, of).files.iter().any(|found| {
                let package = found.facts.package.as_deref().unwrap_or_default();
                import.module == package || import.module.starts_with(&format!("{package}."))
            })
    })
}

/// Judges a call without a receiver: where the language lets a member be called so, it is one of the own type.
fn own_member(view: &View<'_>, added: &AddedCall<'_>, definition: &Definition) -> Means {
    let implied = matches!(
        added.file.language,
        Language::Java
            | Language::Kotlin
            | Language::Scala
            | Language::CSharp
            | Language::Cpp
            | Language::Swift
    );
    if !implied {
        return Means::No;
    }
    let holder = last(&definition.container);
    let is_inside = added.call.within.split('.').any(|part| part == holder);
    let types = added.call.within.split('.').filter(|part| !part.is_empty());
    let is_below = types.into_iter().any(|part| is_subtype(view, part, holder, added.file.family()));
    let Some(facts) = added.file.at(Version::Merged) else { return Means::No };
    let is_imported = facts.imports.iter().any(|import| import.bound.as_deref() == Some(&added.call.name));
    match is_inside || is_below || is_imported {
        true => Means::Surely,
        false => Means::No,
    }
}

fn on_name(
    view: &View<'_>,
    added: &AddedCall<'_>,
    facts: &Facts,
    name: &str,
    definition: &Definition,
) -> Means {
    let holder = last(&definition.container);
    let family = added.file.family();
    if matches!(name, "this" | "self" | "super" | "cls" | "Self") {
        let types = added.call.within.split('.').filter(|part| !part.is_empty());
        let is_related = |part: &str| part == holder || is_subtype(view, part, holder, family);
        return if types.into_iter().any(is_related) { Means::Surely } else { Means::No };
    }
    if name == holder {
        return Means::Surely;
    }
    let field = name.strip_prefix("this.");
    let name = field.unwrap_or(name);
    let declared = || declared_type(facts, added.call, name).or_else(|| type_of_bound(view, added, name));
    let Some(of) = field.and_then(|field| field_type(view, added, field)).or_else(declared) else {
        // A name that an import binds, and that is not the type itself, is a module or another type.
        let is_import = facts.imports.iter().any(|import| import.bound.as_deref() == Some(name));
        return if is_import { Means::No } else { Means::Maybe };
    };
    on_type(view, family, last(&of), definition)
}

/// Judges a call on a value of a type.
fn on_type(view: &View<'_>, family: Family, of: &str, definition: &Definition) -> Means {
    let holder = last(&definition.container);
    if of == holder || is_subtype(view, of, holder, family) {
        return Means::Surely;
    }
    match is_subtype(view, holder, of, family) {
        true => Means::Maybe,
        false => Means::No,
    }
}

/// Returns the type that a field of the value at hand is declared with, where its type is the only one of its name;
/// wherever in the tree that stands, for methods need not stand beside it.
fn field_type(view: &View<'_>, added: &AddedCall<'_>, field: &str) -> Option<String> {
    let family = added.file.family();
    let owner = added.call.within.rsplit('.').nth(1)?;
    if n_types(view, owner, family) != 1 {
        return None;
    }
    let types = view.trees.types(Version::Merged, owner);
    let of_family = types.files.iter().filter(|found| found.family == family);
    let mut fields = of_family
        .flat_map(|found| &found.facts.definitions)
        .filter(|one| one.kind == DefKind::Field && one.name == field && last(&one.container) == owner);
    let (only, more) = (fields.next()?, fields.next());
    let of = plain_type(only.result.as_deref().filter(|_| more.is_none())?)?;
    let mut is_alias = false;
    for_each_type(view, Version::Merged, of, family, &mut |_, one| is_alias |= one.kind == DefKind::Alias);
    (!is_alias).then(|| of.to_owned())
}

/// Returns the type that a file states for a name where a call stands: the innermost scope's.
pub fn declared_type(facts: &Facts, call: &Call, name: &str) -> Option<String> {
    bindings(facts, call.span.start, name).first()?.type_name.clone()
}

/// Returns how a name is bound where a call stands at `at`, in the innermost scope that binds it.
pub fn bindings<'f>(facts: &'f Facts, at: u32, name: &str) -> Vec<&'f Declared> {
    let width = |one: &Declared| one.scope.end.saturating_sub(one.scope.start);
    let holds = |one: &&Declared| one.name == name && one.scope.start <= at && at <= one.scope.end;
    let mut known: Vec<&Declared> = facts.declared.iter().filter(holds).collect();
    let narrowest = known.iter().map(|one| width(one)).min();
    known.retain(|one| Some(width(one)) == narrowest);
    known
}

/// Tells whether a name before a call stands for a module.
fn names_module(language: Language, facts: &Facts, name: &str) -> bool {
    let is_bound = facts
        .imports
        .iter()
        .any(|import| import.bound.as_deref() == Some(name) || last_of_module(&import.module) == name);
    let is_path = language == Language::Rust && name.chars().next().is_some_and(char::is_lowercase);
    is_bound || is_path
}

fn last_of_module(module: &str) -> &str {
    module.rsplit(['/', '.', ':']).next().unwrap_or(module)
}

/// Tells whether the type `below` has `above` among its supertypes, in the merged tree.
pub fn is_subtype(view: &View<'_>, below: &str, above: &str, family: Family) -> bool {
    view.above(below, family, || all_supertypes(view, below, family)).contains(above)
}

fn all_supertypes(view: &View<'_>, below: &str, family: Family) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![below.to_owned()];
    for _ in 0..DEEP {
        let direct = todo.iter().flat_map(|name| supertypes(view, name, family)).collect::<Vec<_>>();
        todo = direct.into_iter().filter(|name| found.insert(name.clone())).collect();
    }
    found
}

/// Returns the names of a type's direct supertypes, in the merged tree.
pub fn supertypes(view: &View<'_>, name: &str, family: Family) -> Vec<String> {
    let mut all = Vec::new();
    for_each_type(view, Version::Merged, name, family, &mut |_, definition| {
        all.extend(definition.supertypes.iter().map(|one| last(one).to_owned()));
    });
    all
}

/// Calls `each` with every type of that name.
pub fn for_each_type(
    view: &View<'_>,
    version: Version,
    name: &str,
    family: Family,
    each: &mut dyn FnMut(&str, &Definition),
) {
    let naming = view.trees.types(version, name);
    for found in naming.files.iter().filter(|found| found.family == family) {
        for definition in found.facts.definitions.iter().filter(|one| one.name == name && is_type(one.kind)) {
            each(&found.path, definition);
        }
    }
}

/// Returns how many types of the merged tree have that name.
pub fn n_types(view: &View<'_>, name: &str, family: Family) -> u32 {
    let mut n_types = 0;
    for_each_type(view, Version::Merged, name, family, &mut |_, _| n_types += 1);
    n_types
}

/// Tells whether a type, or one above it, is not in this tree, so that nobody knows what members it has.
pub fn has_unknown(view: &View<'_>, own: &str, family: Family) -> bool {
    let mut todo = vec![own.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if !seen.insert(name.clone()) || is_plain_interface(&name) {
            continue;
        }
        if n_types(view, &name, family) == 0 || seen.len() > 32 {
            return true;
        }
        todo.extend(supertypes(view, &name, family));
    }
    false
}

/// Tells whether a type of the platform is known to bring no members that would do.
pub fn is_plain_interface(name: &str) -> bool {
    matches!(
        name,
        "Serializable" | "Cloneable" | "Comparable" | "Closeable" | "AutoCloseable" | "Runnable" | "Object"
    )
}

/// Tells whether a definition is a type.
pub fn is_type(kind: DefKind) -> bool {
    matches!(kind, DefKind::Class | DefKind::Interface | DefKind::Enum | DefKind::Alias)
}
