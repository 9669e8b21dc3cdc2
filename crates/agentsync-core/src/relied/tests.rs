//! Uses between files that are made up of names and lines.

use super::*;
use crate::facts::{Arity, Call, Import, Mention, Modifiers, Receiver, Span};

/// A file in which each name stands on the line that it is given.
fn file(defs: &[(&str, &str, u32)], imports: &[(&str, Option<&str>)], mentions: &[(&str, u32)]) -> Facts {
    let span = |line: u32| Span { line, end_line: line, start: 0, end: 0 };
    let def = |(container, name, line): &(&str, &str, u32)| Definition {
        kind: if container.is_empty() { DefKind::Function } else { DefKind::Method },
        name: (*name).to_owned(),
        container: (*container).to_owned(),
        of_trait: None,
        modifiers: Modifiers::default(),
        params: None,
        result: None,
        supertypes: Vec::new(),
        given: Vec::new(),
        signature_hash: 1,
        body_hash: 1,
        span: span(*line),
        name_line: *line,
    };
    let import = |(module, name): &(&str, Option<&str>)| Import {
        module: (*module).to_owned(),
        name: name.map(str::to_owned),
        bound: name.map(str::to_owned),
        is_reexport: false,
        is_type_only: false,
        span: span(1),
    };
    let mention = |(name, line): &(&str, u32)| {
        ((*name).to_owned(), Mention { n: 1, lines: vec![*line], is_qualified: false })
    };
    Facts {
        definitions: defs.iter().map(def).collect(),
        imports: imports.iter().map(import).collect(),
        mentions: mentions.iter().map(mention).collect(),
        ..Facts::default()
    }
}

#[track_caller]
fn check(language: Language, user: (&str, &Facts), of: (&str, &Facts), want: &[&str]) {
    let source = |(path, facts)| Source { path, language, facts };
    let found = uses(source(user), None, source(of));
    let shown: Vec<String> = found
        .iter()
        .map(|one| format!("{}:{}{}", one.symbol, one.line, if one.is_linked { "" } else { "?" }))
        .collect();
    assert_eq!(shown, want);
}

#[test]
fn an_import_leads_to_what_it_names_and_to_members_of_types() {
    let user = file(&[("", "load", 3), ("User", "renew", 9), ("", "drop_all", 12)], &[], &[]);
    let page =
        |imports: &[(&str, Option<&str>)]| file(&[], imports, &[("load", 4), ("renew", 5), ("drop_all", 6)]);
    let named = page(&[("app.user", Some("load"))]);
    check(Language::Python, ("app/page.py", &named), ("app/user.py", &user), &["load:4", "User.renew:5"]);
    let module = page(&[("app", Some("user"))]);
    let all = ["load:4", "User.renew:5", "drop_all:6"];
    check(Language::Python, ("app/page.py", &module), ("app/user.py", &user), &all);
    check(Language::TypeScript, ("a/p.ts", &page(&[("./user.js", None)])), ("a/user.ts", &user), &all);
    check(Language::Rust, ("src/p.rs", &page(&[("crate::user", Some("*"))])), ("src/user.rs", &user), &all);
    check(Language::Go, ("web/p.go", &page(&[("example.com/app/user", None)])), ("user/u.go", &user), &all);
    check(Language::Python, ("p.py", &page(&[("other", Some("load"))])), ("app/user.py", &user), &[]);
}

#[test]
fn files_of_a_package_need_no_import_and_other_languages_are_strangers() {
    let user = file(&[("", "load", 3)], &[], &[]);
    let page = file(&[], &[], &[("load", 4)]);
    check(Language::Go, ("user/p.go", &page), ("user/u.go", &user), &["load:4"]);
    check(Language::Go, ("web/p.go", &page), ("user/u.go", &user), &[]);
    check(Language::Python, ("user/p.py", &page), ("user/u.py", &user), &[]);
    let one = Source { path: "a/p.go", language: Language::Go, facts: &page };
    assert!(uses(one, None, Source { path: "a/u.py", language: Language::Python, facts: &user }).is_empty());
}

#[test]
fn a_name_of_its_own_is_not_a_peers() {
    let user = file(&[("", "load", 3)], &[], &[]);
    let own = file(&[("", "load", 2)], &[("user", None)], &[("load", 4)]);
    check(Language::Python, ("p.py", &own), ("user.py", &user), &[]);
}

#[test]
fn a_telling_method_is_known_by_its_name_where_no_type_need_be_written() {
    let user = file(&[("User", "renew_lease", 3), ("User", "get", 5)], &[], &[]);
    let call = |name: &str| Call {
        name: name.to_owned(),
        receiver: Receiver::Name("user".to_owned()),
        arity: Arity::Exactly(0),
        names: Vec::new(),
        span: Span { line: 7, end_line: 7, start: 0, end: 0 },
        within: String::new(),
    };
    let page = Facts { calls: vec![call("renew_lease"), call("get")], ..file(&[], &[], &[]) };
    check(Language::Python, ("p.py", &page), ("user.py", &user), &["User.renew_lease:7?"]);
    check(Language::Rust, ("p.rs", &page), ("user.rs", &user), &[]);
}

#[test]
fn parts_of_one_file_use_each_other_but_not_themselves() {
    let facts = file(&[("", "load", 3), ("", "show", 8)], &[], &[("load", 8), ("show", 3)]);
    let source = Source { path: "a.py", language: Language::Python, facts: &facts };
    let found = uses(source, Some((8, 8)), source);
    let shown: Vec<String> = found.iter().map(|one| one.symbol.to_string()).collect();
    assert_eq!(shown, ["load"]);
    assert!(uses(source, None, source).is_empty());
}
