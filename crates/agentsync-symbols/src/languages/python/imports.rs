//! The imports of a Python file.

use super::{ALIASED, IF, IMPORT, WILDCARD};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{ImportKind, Walk};

/// Takes down every name that an import binds.
pub fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let kind = ImportKind { is_reexport: false, is_type_only: is_type_only(tape, node) };
    let names: Vec<(String, Option<&str>)> =
        tape.each(node, Field::Name).map(|name| parts(tape, name)).collect();
    if tape.kind(node) == IMPORT {
        for (module, alias) in names {
            // `import a.b` binds `a`.
            let first = module.split('.').next().unwrap_or_default();
            let bound = alias.unwrap_or(first).to_owned();
            walk.import_as(node, kind, &module, None, Some(&bound));
        }
        return;
    }
    let Some(module) = tape.child(node, Field::ModuleName).map(|module| tape.compact(module)) else { return };
    if tape.child_of(node, &[WILDCARD]).is_some() {
        walk.import_as(node, kind, &module, Some("*"), None);
    }
    for (name, alias) in names {
        // `import x as x` passes the name on, as type checkers read it.
        let kind = ImportKind { is_reexport: alias == Some(name.as_str()), ..kind };
        walk.import_as(node, kind, &module, Some(&name), Some(alias.unwrap_or(&name)));
    }
}

fn parts<'s>(tape: &Tape<'s>, name: Node) -> (String, Option<&'s str>) {
    match tape.kind(name) {
        ALIASED => {
            let path = tape.child(name, Field::Name).map_or_else(String::new, |path| tape.compact(path));
            (path, tape.child(name, Field::Alias).map(|alias| tape.text(alias)))
        }
        _ => (tape.compact(name), None),
    }
}

/// Returns whether an import stands under `if TYPE_CHECKING:`.
fn is_type_only(tape: &Tape<'_>, node: Node) -> bool {
    let above =
        tape.parent(node).and_then(|block| tape.parent(block)).filter(|above| tape.kind(*above) == IF);
    let condition = above.and_then(|above| tape.child(above, Field::Condition));
    condition.is_some_and(|condition| tape.text(condition).ends_with("TYPE_CHECKING"))
}
