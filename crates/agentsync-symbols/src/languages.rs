//! The languages there are, one file each.

mod c;
mod go;
mod java;
mod json;
mod keys;
#[cfg(feature = "kotlin")]
mod kotlin;
mod python;
mod rust;
mod script;
mod tagged;
mod toml;
mod yaml;

use std::sync::OnceLock;

use agentsync_core::facts::Language;

use crate::lexicon::Lexicon;
use crate::walk::Grammar;
use tagged::Dialect;

/// How files of a language are read.
#[derive(Clone, Copy)]
pub enum Reader {
    /// By a walk of its own.
    Walk(&'static dyn Grammar, &'static Lexicon),
    /// By the tags query of its grammar.
    Tags(&'static Dialect),
}

/// Returns whether files of `language` are parsed by this build.
pub fn is_supported(language: Language) -> bool {
    of(language).is_some() || tagged::dialect(language).is_some()
}

/// Returns how files of `language` are read, if this build can.
pub fn reader(language: Language) -> Option<Reader> {
    let Some((grammar, place)) = of(language) else { return tagged::dialect(language).map(Reader::Tags) };
    let lexicon = place.get_or_init(|| Lexicon::new(grammar.language(), &grammar.vocabulary()));
    Some(Reader::Walk(grammar, lexicon))
}

type Place = &'static OnceLock<Lexicon>;

fn of(language: Language) -> Option<(&'static dyn Grammar, Place)> {
    static JAVA: OnceLock<Lexicon> = OnceLock::new();
    static GO: OnceLock<Lexicon> = OnceLock::new();
    static RUST: OnceLock<Lexicon> = OnceLock::new();
    static PYTHON: OnceLock<Lexicon> = OnceLock::new();
    static JAVASCRIPT: OnceLock<Lexicon> = OnceLock::new();
    static TYPESCRIPT: OnceLock<Lexicon> = OnceLock::new();
    static TSX: OnceLock<Lexicon> = OnceLock::new();
    #[cfg(feature = "kotlin")]
    static KOTLIN: OnceLock<Lexicon> = OnceLock::new();
    static C: OnceLock<Lexicon> = OnceLock::new();
    static JSON: OnceLock<Lexicon> = OnceLock::new();
    static TOML: OnceLock<Lexicon> = OnceLock::new();
    static YAML: OnceLock<Lexicon> = OnceLock::new();
    match language {
        Language::Java => Some((&java::Java, &JAVA)),
        Language::Go => Some((&go::Go, &GO)),
        Language::Rust => Some((&rust::Rust, &RUST)),
        Language::Python => Some((&python::Python, &PYTHON)),
        Language::JavaScript => Some((&script::Dialect::Plain, &JAVASCRIPT)),
        Language::TypeScript => Some((&script::Dialect::Typed, &TYPESCRIPT)),
        Language::Tsx => Some((&script::Dialect::TypedJsx, &TSX)),
        #[cfg(feature = "kotlin")]
        Language::Kotlin => Some((&kotlin::Kotlin, &KOTLIN)),
        Language::C => Some((&c::C, &C)),
        Language::Json => Some((&json::Json, &JSON)),
        Language::Toml => Some((&toml::Toml, &TOML)),
        Language::Yaml => Some((&yaml::Yaml, &YAML)),
        _ => None,
    }
}
