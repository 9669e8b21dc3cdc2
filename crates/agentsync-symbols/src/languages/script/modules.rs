//! What a script takes from other files and gives to them.

use super::{
    AMBIENT, DECLARATOR, EXPORT, EXPORT_CLAUSE, EXPORT_SPECIFIER, IDENTIFIER, IMPORT_ALIAS, IMPORT_CLAUSE,
    IMPORT_REQUIRE, IMPORT_SPECIFIER, IMPORT_STATEMENT, LEXICAL, NAMED_IMPORTS, NAMESPACE_EXPORT,
    NAMESPACE_IMPORT, STRING, VARIABLE, key_text,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{ImportKind, Walk};

/// Finds out whether the file is a module, and which of its names it exports by statements apart.
pub fn survey(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    for statement in tape.named(node) {
        match tape.kind(statement) {
            IMPORT_STATEMENT => walk.is_module = true,
            EXPORT => {
                walk.is_module = true;
                let is_own = tape.child(statement, Field::Source).is_none();
                let clause = tape.child_of(statement, &[EXPORT_CLAUSE]).filter(|_| is_own);
                for part in clause.into_iter().flat_map(|clause| tape.each_of(clause, EXPORT_SPECIFIER)) {
                    if let Some(name) = tape.child(part, Field::Name) {
                        walk.exported.insert(tape.text(name));
                    }
                }
                if let Some(value) = tape.child(statement, Field::Value) {
                    walk.exported.insert(tape.text(value));
                }
            }
            _ => {}
        }
    }
}

/// Returns whether a declaration is part of an `export`.
pub fn is_exported(tape: &Tape<'_>, node: Node) -> bool {
    let mut at = tape.parent(node);
    while let Some(above) = at {
        match tape.kind(above) {
            EXPORT => return true,
            AMBIENT | LEXICAL | VARIABLE | DECLARATOR => at = tape.parent(above),
            _ => return false,
        }
    }
    false
}

fn source<'s>(tape: &Tape<'s>, node: Node) -> Option<&'s str> {
    tape.child(node, Field::Source)
        .filter(|source| tape.kind(*source) == STRING)
        .map(|source| key_text(tape, source))
}

/// Takes down an import statement.
pub fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if tape.kind(node) == IMPORT_ALIAS {
        let mut parts = tape.named(node);
        if let (Some(bound), Some(path)) = (parts.next(), parts.next()) {
            walk.import(node, &tape.compact(path), None, Some(tape.text(bound)));
        }
        return;
    }
    let kind = ImportKind { is_reexport: false, is_type_only: tape.has_token(node, "type") };
    if let Some(clause) = tape.child_of(node, &[IMPORT_REQUIRE]) {
        let bound = tape.child_of(clause, &[IDENTIFIER]).map(|bound| tape.text(bound));
        if let Some(module) = source(tape, clause) {
            walk.import_as(node, kind, module, None, bound);
        }
        return;
    }
    let Some(module) = source(tape, node) else { return };
    match tape.child_of(node, &[IMPORT_CLAUSE]) {
        Some(clause) => clause_names(walk, clause, kind, module),
        None => walk.import_as(node, kind, module, None, None),
    }
}

fn clause_names(walk: &mut Walk<'_, '_>, clause: Node, kind: ImportKind, module: &str) {
    let tape = walk.tape;
    for part in tape.named(clause) {
        match tape.kind(part) {
            IDENTIFIER => walk.import_as(part, kind, module, Some("default"), Some(tape.text(part))),
            NAMESPACE_IMPORT => {
                let bound = tape.named(part).next().map(|bound| tape.text(bound));
                walk.import_as(part, kind, module, None, bound);
            }
            NAMED_IMPORTS => {
                for specifier in tape.each_of(part, IMPORT_SPECIFIER) {
                    let Some(name) = tape.child(specifier, Field::Name) else { continue };
                    let bound = tape.child(specifier, Field::Alias).unwrap_or(name);
                    let is_type_only = kind.is_type_only || tape.has_token(specifier, "type");
                    let kind = ImportKind { is_type_only, ..kind };
                    walk.import_as(
                        specifier,
                        kind,
                        module,
                        Some(key_text(tape, name)),
                        Some(tape.text(bound)),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Takes down an export statement; what it declares is taken down by itself.
pub fn export(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let module = source(tape, node);
    let kind = ImportKind { is_reexport: true, is_type_only: tape.has_token(node, "type") };
    let mut has_clause = false;
    for part in tape.named(node) {
        match tape.kind(part) {
            EXPORT_CLAUSE => {
                has_clause = true;
                for specifier in tape.each_of(part, EXPORT_SPECIFIER) {
                    let Some(name) = tape.child(specifier, Field::Name) else { continue };
                    let given = key_text(tape, tape.child(specifier, Field::Alias).unwrap_or(name));
                    walk.facts.exports.push(given.to_owned());
                    if let Some(module) = module {
                        walk.import_as(specifier, kind, module, Some(key_text(tape, name)), Some(given));
                    }
                }
            }
            NAMESPACE_EXPORT => {
                has_clause = true;
                let given = tape.named(part).next().map_or("", |given| key_text(tape, given));
                walk.facts.exports.push(given.to_owned());
                walk.import_as(part, kind, module.unwrap_or_default(), None, Some(given));
            }
            _ => {}
        }
    }
    if let Some(module) = module.filter(|_| !has_clause) {
        walk.import_as(node, kind, module, Some("*"), None);
    }
    if tape.has_token(node, "default") {
        walk.facts.exports.push("default".to_owned());
    }
}
