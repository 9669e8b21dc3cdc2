//! Files that no hand would write: cut, spliced, random, deep, dense, binary.

use std::fmt::Write as _;
use std::fs;

use agentsync_core::facts::{Facts, Language, LeftOut, Mention, Span};
use agentsync_symbols::{Limits, extract, is_supported, language_of};
use proptest::prelude::*;

use crate::cases::sources;

const ALL: [Language; 18] = [
    Language::Java,
    Language::Kotlin,
    Language::Go,
    Language::Rust,
    Language::Python,
    Language::TypeScript,
    Language::Tsx,
    Language::JavaScript,
    Language::C,
    Language::CSharp,
    Language::Cpp,
    Language::Ruby,
    Language::Php,
    Language::Swift,
    Language::Scala,
    Language::Json,
    Language::Toml,
    Language::Yaml,
];

fn facts(language: Language, bytes: &[u8]) -> Facts {
    extract(language, bytes, &Limits::default())
}

/// Checks what must hold of the facts of any file at all.
fn check_laws(language: Language, bytes: &[u8]) {
    let facts = facts(language, bytes);
    let n_lines = u32::try_from(bytes.split(|byte| *byte == b'\n').count()).unwrap();
    let check = |span: Span| {
        assert!(span.start <= span.end, "{span:?}");
        assert!(span.end as usize <= bytes.len(), "{span:?} of {} bytes", bytes.len());
        assert!(
            1 <= span.line && span.line <= span.end_line && span.end_line <= n_lines,
            "{span:?} of {n_lines}"
        );
    };
    facts.definitions.iter().for_each(|definition| {
        check(definition.span);
        assert!(!definition.name.is_empty());
        assert!(definition.name_line <= n_lines);
        let bounds = definition.params.as_ref().and_then(|params| Some((params.min, params.max?)));
        assert!(bounds.is_none_or(|(min, max)| min <= max), "{definition:?}");
    });
    facts.calls.iter().for_each(|call| check(call.span));
    facts.imports.iter().for_each(|import| check(import.span));
    facts.declared.iter().for_each(|declared| check(declared.scope));
    facts.choices.iter().for_each(|choice| check(choice.span));
    facts.repeated.iter().for_each(|repeated| check(repeated.span));
    facts.errors.iter().for_each(|error| check(*error));
    assert_eq!(facts, extract(language, bytes, &Limits::default()), "the same bytes gave other facts");
}

fn cases() -> Vec<(Language, Vec<u8>)> {
    let read = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).unwrap();
        (language_of(path.to_str().unwrap(), &bytes).unwrap(), bytes)
    };
    sources().iter().map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_give_facts_of_every_language(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for language in ALL {
            check_laws(language, &bytes);
        }
    }

    #[test]
    fn a_case_cut_anywhere_gives_facts(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let cases = cases();
        let (language, bytes) = pick.get(&cases);
        let at = at.index(bytes.len());
        check_laws(*language, &bytes[..at]);
        check_laws(*language, &bytes[at..]);
    }

    #[test]
    fn two_cases_spliced_give_facts(
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let cases = cases();
        let ((language, one), (_, other)) = (first.get(&cases), second.get(&cases));
        let mut bytes = one[..at.index(one.len())].to_vec();
        bytes.extend(noise);
        bytes.extend(&other[at.index(other.len())..]);
        check_laws(*language, &bytes);
    }
}

#[test]
fn deep_nesting_neither_overflows_nor_takes_the_square_of_its_depth() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(2_000), close.repeat(2_000));
    let nests = [
        (Language::Java, deep("class A{void f(){g(()->{", "});}}")),
        (Language::Go, format!("package a\nfunc f(){}", deep("{g(func(){", "})}"))),
        (Language::Rust, deep("mod a{fn f(){g(|x|{", "});}}")),
        (Language::Python, deep("f(lambda x:[", "])")),
        (Language::TypeScript, deep("class A{f(){g(()=>{", "})}}")),
        (Language::JavaScript, deep("f({a:[function(){", "}]});")),
        (Language::Kotlin, deep("class A{fun f(){g{", "}}}")),
        (Language::C, format!("int f(){}", deep("{if(g((", "))){}}"))),
        (Language::Json, deep("{\"a\":[", "]}")),
        (Language::Toml, format!("a = {}", deep("[{b=", "}]"))),
        (Language::Yaml, deep("{a: [", "]}")),
    ];
    for (language, text) in nests {
        check_laws(language, text.as_bytes());
        // Half of it only opens.
        check_laws(language, &text.as_bytes()[..text.len() / 2]);
    }
}

#[test]
fn many_names_in_one_place_do_not_take_the_square_of_their_number() {
    let many = |line: &dyn Fn(usize) -> String| {
        (0..5_000).fold(String::new(), |mut all, n| {
            let _ = writeln!(all, "{}", line(n));
            all
        })
    };
    let wide = [
        (
            Language::Python,
            format!("class A:\n  def f(self):\n{}", many(&|n| format!("    self.a{n} = a{n}"))),
        ),
        (Language::Python, format!("class A:\n{}", many(&|n| format!("  a{n} = 1")))),
        (Language::Rust, many(&|n| format!("/// x\n#[inline]\nfn f{n}() {{}}"))),
        (Language::Toml, many(&|n| format!("[[a]]\n[a.b{n}]"))),
        (Language::Go, format!("package a\nvar x = T{{\n{}}}", many(&|n| format!("a{n}: 1,")))),
        (
            Language::Java,
            format!("class A {{ void f() {{ switch (x) {{\n{}}} }} }}", many(&|n| format!("case {n}:"))),
        ),
    ];
    for (language, text) in wide {
        assert_eq!(facts(language, text.as_bytes()).left_out, None, "{language:?}");
    }
}

#[test]
fn what_is_left_out_is_said_and_its_words_still_count() {
    let limits = Limits { max_bytes: 20, ..Limits::default() };
    let huge = extract(Language::Java, b"class Invoice { Receipt paid; }", &limits);
    assert_eq!(huge.left_out, Some(LeftOut::Huge));
    assert_eq!(huge.mentions["Receipt"], Mention { n: 1, lines: vec![1], is_qualified: false });

    let binary = facts(Language::Go, b"package a\0\xff");
    assert_eq!(binary.left_out, Some(LeftOut::Binary));
    assert!(binary.mentions.is_empty());

    let limits = Limits { base_steps: 1, steps_per_kb: 0, ..Limits::default() };
    let source = "fn f() { g(1 + 2); }\n".repeat(100);
    let runaway = extract(Language::Rust, source.as_bytes(), &limits);
    assert_eq!(runaway.left_out, Some(LeftOut::RanAway));
    assert_eq!(runaway.mentions["g"].n, 100);
}

#[test]
fn a_language_that_is_not_built_in_gives_its_words() {
    for language in ALL.into_iter().filter(|language| !is_supported(*language)) {
        let facts = facts(language, b"class Invoice");
        assert_eq!(facts.left_out, Some(LeftOut::NoGrammar), "{language:?}");
        assert!(facts.mentions.contains_key("Invoice"));
    }
}

#[test]
fn bytes_that_are_no_utf_8_move_no_span() {
    let clean = facts(Language::Java, b"class A {\n  // ?? ?\n  void after() { call(1); }\n}\n");
    let dirty = facts(Language::Java, b"class A {\n  // \xff\xfe \xe9\n  void after() { call(1); }\n}\n");
    assert_eq!(clean, dirty);
    assert_eq!(dirty.definitions[1].span.line, 3);
    // A name that holds such a byte is no name, but what follows is read.
    let broken = facts(Language::Java, b"class A { int caf\xe9; void after() {} }");
    assert!(broken.definitions.iter().any(|definition| definition.name == "after"), "{broken:?}");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let unix = facts(Language::Python, b"def f(a):\n    return g(a)\n");
    let windows = facts(Language::Python, b"\xef\xbb\xbfdef f(a):\r\n    return g(a)\r\n");
    assert_eq!(windows.definitions[0].name, "f");
    assert_eq!(windows.definitions[0].body_hash, unix.definitions[0].body_hash);
    assert_eq!(windows.calls[0].span.line, 2);
}

#[test]
fn an_empty_file_says_nothing() {
    for language in ALL.into_iter().filter(|language| is_supported(*language)) {
        assert_eq!(facts(language, b""), Facts::default(), "{language:?}");
    }
}

#[test]
fn conflict_markers_are_errors() {
    let text = "class A {\n<<<<<<< ours\n  int a;\n=======\n  int b;\n>>>>>>> theirs\n}\n";
    assert!(!facts(Language::Java, text.as_bytes()).errors.is_empty());
}
