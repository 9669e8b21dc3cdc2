//! The extractors: whatever a file holds, its facts stand inside it, and are the same each time.

use agentsync_core::facts::{Language, Span};
use agentsync_symbols::{Limits, extract};

const LANGUAGES: [Language; 12] = [
    Language::Java,
    Language::Go,
    Language::Rust,
    Language::Python,
    Language::TypeScript,
    Language::Tsx,
    Language::JavaScript,
    Language::Kotlin,
    Language::C,
    Language::Json,
    Language::Toml,
    Language::Yaml,
];

/// The first byte names the language, the others are the file.
pub fn facts(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let language = LANGUAGES[usize::from(*first) % LANGUAGES.len()];
    let limits = Limits::default();
    let facts = extract(language, bytes, &limits);
    let check = |span: Span| {
        assert!(span.start <= span.end && span.end as usize <= bytes.len(), "{span:?}");
        assert!(1 <= span.line && span.line <= span.end_line, "{span:?}");
    };
    for definition in &facts.definitions {
        check(definition.span);
        assert!(!definition.name.is_empty());
        let bounds = definition.params.as_ref().and_then(|params| Some((params.min, params.max?)));
        assert!(bounds.is_none_or(|(min, max)| min <= max), "{definition:?}");
    }
    facts.calls.iter().chain(&facts.reads).for_each(|call| check(call.span));
    facts.imports.iter().for_each(|import| check(import.span));
    facts.declared.iter().for_each(|declared| check(declared.scope));
    facts.anonymous.iter().for_each(|anonymous| check(anonymous.span));
    facts.choices.iter().for_each(|choice| check(choice.span));
    facts.repeated.iter().for_each(|repeated| check(repeated.span));
    facts.errors.iter().for_each(|error| check(*error));
    for (name, mention) in &facts.mentions {
        assert!(0 < mention.n && !mention.lines.is_empty(), "{name} stands nowhere");
    }
    assert_eq!(facts, extract(language, bytes, &limits), "the same bytes gave other facts");
}
