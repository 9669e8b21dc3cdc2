//! The languages there are, one file each.

mod go;
mod java;

use std::sync::OnceLock;

use agentsync_core::facts::Language;

use crate::lexicon::Lexicon;
use crate::walk::Grammar;

/// Returns whether files of `language` are parsed by this build.
pub fn is_supported(language: Language) -> bool {
    of(language).is_some()
}

/// Returns a language's file and its grammar, if this build has it.
pub fn grammar(language: Language) -> Option<(&'static dyn Grammar, &'static Lexicon)> {
    let (grammar, place) = of(language)?;
    Some((grammar, place.get_or_init(|| Lexicon::new(grammar.language(), &grammar.vocabulary()))))
}

type Place = &'static OnceLock<Lexicon>;

fn of(language: Language) -> Option<(&'static dyn Grammar, Place)> {
    static JAVA: OnceLock<Lexicon> = OnceLock::new();
    static GO: OnceLock<Lexicon> = OnceLock::new();
    match language {
        Language::Java => Some((&java::Java, &JAVA)),
        Language::Go => Some((&go::Go, &GO)),
        _ => None,
    }
}
