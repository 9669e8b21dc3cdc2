//! What changes the hashes of a definition, and what does not.

use agentsync_core::facts::{Definition, Language};
use agentsync_symbols::{Limits, extract};

fn last(language: Language, source: &str) -> Definition {
    let facts = extract(language, source.as_bytes(), &Limits::default());
    assert!(facts.errors.is_empty(), "{source}\n{:?}", facts.errors);
    facts.definitions.last().cloned().unwrap()
}

/// Checks that two sources differ in the hash of the signature and in that of the body as stated.
#[track_caller]
fn check(language: Language, one: &str, other: &str, is_same_signature: bool, is_same_body: bool) {
    let (one, other) = (last(language, one), last(language, other));
    assert_eq!(one.signature_hash == other.signature_hash, is_same_signature, "signatures");
    assert_eq!(one.body_hash == other.body_hash, is_same_body, "bodies");
}

#[test]
fn white_space_and_comments_change_no_hash() {
    check(
        Language::Java,
        "class A { int f(int a) { return a + 1; } }",
        "class A {\n/** x */ int f( int a ) // y\n{ return a\n+ 1; /* z */ } }",
        true,
        true,
    );
    check(
        Language::Go,
        "package a\nfunc f(a int) int { return a }",
        "package a\nfunc f( a  int ) int {\n\t// x\n\treturn a\n}",
        true,
        true,
    );
    check(Language::Rust, "fn f(a: u8) -> u8 { a }", "fn f( a : u8 )\n -> u8 { /* x */ a }", true, true);
    check(Language::Python, "def f(a, b): return a", "def f(a,   b):\n    # x\n    return a", true, true);
    check(
        Language::TypeScript,
        "function f(a: A) { return a }",
        "function f(\n  a : A) { // x\n return a }",
        true,
        true,
    );
    check(Language::JavaScript, "const f = (a) => a", "const f = ( a ) =>\n a", true, true);
    check(Language::Kotlin, "fun f(a: Int) = a", "fun f(a : Int) =\n  a", true, true);
    check(Language::C, "int f(int a) { return a; }", "int\nf(int a)\n{\n\treturn a; // x\n}", true, true);
}

#[test]
fn another_body_leaves_the_signature() {
    check(
        Language::Java,
        "class A { int f() { return 1; } }",
        "class A { int f() { return 2; } }",
        true,
        false,
    );
    check(
        Language::Go,
        "package a\nfunc f() int { return 1 }",
        "package a\nfunc f() int { return 2 }",
        true,
        false,
    );
    check(Language::Rust, "fn f() -> u8 { 1 }", "fn f() -> u8 { 2 }", true, false);
    check(Language::Python, "def f(): return 1", "def f(): return 2", true, false);
    check(Language::TypeScript, "const f = () => 1", "const f = () => 2", true, false);
    check(Language::JavaScript, "function f() { a() }", "function f() { b() }", true, false);
    check(Language::Kotlin, "fun f() = 1", "fun f() = 2", true, false);
    check(Language::C, "int f(void) { return 1; }", "int f(void) { return 2; }", true, false);
    check(Language::Json, "{\"a\": 1}", "{\"a\": 2}", true, false);
}

#[test]
fn another_signature_leaves_the_body() {
    check(
        Language::Java,
        "class A { int f(int a) { return a; } }",
        "class A { long f(int a) { return a; } }",
        false,
        true,
    );
    check(
        Language::Go,
        "package a\nfunc f(a int) int { return a }",
        "package a\nfunc f(a int, b int) int { return a }",
        false,
        true,
    );
    check(Language::Rust, "fn f(a: u8) -> u8 { a }", "pub fn f(a: u8) -> u8 { a }", false, true);
    check(Language::Python, "def f(a): return a", "def f(a=1): return a", false, true);
    check(Language::TypeScript, "const f = (a: A) => a", "const f = (a?: A) => a", false, true);
    check(Language::JavaScript, "function f(a) { a() }", "async function f(a) { a() }", false, true);
    check(Language::Kotlin, "fun f(a: Int) = a", "fun f(a: Int?) = a", false, true);
    check(Language::C, "int f(int a) { return a; }", "static int f(int a) { return a; }", false, true);
}

#[test]
fn a_renamed_definition_keeps_its_body() {
    check(
        Language::Java,
        "class A { int f() { return 1; } }",
        "class A { int g() { return 1; } }",
        false,
        true,
    );
    check(Language::Python, "def f(): return 1", "def g(): return 1", false, true);
    check(
        Language::Rust,
        "struct A { a: u8 }\nfn f() { x() }",
        "struct A { a: u8 }\nfn g() { x() }",
        false,
        true,
    );
}

#[test]
fn how_blocks_nest_is_part_of_a_body_without_braces() {
    let inside = "def f():\n    if a:\n        b()\n        c()\n";
    let outside = "def f():\n    if a:\n        b()\n    c()\n";
    check(Language::Python, inside, outside, true, false);
}

#[test]
fn annotations_are_no_part_of_a_signature() {
    check(Language::Java, "class A { void f() {} }", "class A { @Deprecated void f() {} }", true, true);
    check(
        Language::Java,
        "class A { public void f() {} }",
        "class A { @Deprecated public void f() {} }",
        true,
        true,
    );
    check(Language::Rust, "fn f() {}", "#[inline]\nfn f() {}", true, true);
}

#[test]
fn overloads_are_told_apart_by_the_types_they_take() {
    let types = |source: &str| last(Language::Java, source).params.unwrap().types_hash;
    let one = types("class A { void f(int a, String b) {} }");
    assert_eq!(one, types("class A { void f( int other, String name ) {} }"));
    assert_ne!(one, types("class A { void f(String a, int b) {} }"));
    assert_ne!(one, types("class A { void f(int a, String... b) {} }"));
}
