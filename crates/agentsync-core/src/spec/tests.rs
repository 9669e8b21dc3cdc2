//! Cases of specs, two lines each.

use super::*;

const ROOTS: [&str; 2] = ["/home/alice/repo", "C:\\repo"];

#[track_caller]
fn check_parse(text: &str, want: Result<&str, &str>) {
    let got = PathSpec::parse(text, &ROOTS).map_err(|err| err.to_string());
    assert_eq!(got.as_ref().map(PathSpec::as_str).map_err(String::as_str), want);
}

#[track_caller]
fn spec(text: &str) -> PathSpec {
    PathSpec::parse(text, &[]).unwrap()
}

#[track_caller]
fn check_specs(one: &PathSpec, other: &PathSpec, want: Option<&str>) {
    let meets = |a: &PathSpec, b: &PathSpec| a.overlap(b).map(|witness| witness.path().map(str::to_owned));
    assert_eq!(meets(one, other), want.map(|path| Some(path.to_owned())), "{one:?} and {other:?}");
    assert_eq!(
        meets(one, other).is_some(),
        meets(other, one).is_some(),
        "{one:?} and {other:?} the other way"
    );
}

#[track_caller]
fn check_overlap(one: &str, other: &str, want: Option<&str>) {
    check_specs(&spec(one), &spec(other), want);
}

#[track_caller]
fn check_predecessor(theirs: &str, ours: &str, want: Option<&str>) {
    check_specs(&PathSpec::read(theirs, Dialect::Predecessor), &spec(ours), want);
}

#[test]
fn r_27_parse_normalizes_and_stays_inside() {
    check_parse("src/auth.rs", Ok("src/auth.rs"));
    check_parse("./src//auth.rs", Ok("src/auth.rs"));
    check_parse("src\\auth.rs", Ok("src/auth.rs"));
    check_parse("a/../b", Ok("b"));
    check_parse("src/", Ok("src"));
    check_parse("src/v.x/", Ok("src/v.x/"));
    check_parse(".", Ok("."));
    check_parse("./", Ok("."));
    check_parse("a/..", Ok("."));
    check_parse("cafe\u{301}.rs", Ok("caf\u{e9}.rs"));
    check_parse("/home/alice/repo/src/a.rs", Ok("src/a.rs"));
    check_parse("/home/alice/repo", Ok("."));
    check_parse("C:\\repo\\src\\a.rs", Ok("src/a.rs"));
    check_parse("src/*/", Ok("src/*/**"));
    check_parse("src/**/", Ok("src/**"));
    check_parse("{{cookiecutter.name}}/setup.py", Ok("{{cookiecutter.name}}/setup.py"));
}

#[test]
fn r_27_what_leaves_the_repository_is_refused() {
    for text in [
        "../auth.rs",
        "a/../../b",
        "/etc/passwd",
        "/home/alice/repository/x",
        "D:\\x",
        "//server/share",
        "./C:l",
        "/home/alice/repo/C:l",
        "a/../C:l",
    ] {
        check_parse(text, Err(&format!("path `{}` leaves the repository", text.escape_debug())));
    }
}

#[test]
fn r_27_what_is_read_otherwise_somewhere_is_refused() {
    check_parse("", Err("a path is empty; the whole repository is `.`"));
    check_parse("  ", Err("a path is empty; the whole repository is `.`"));
    check_parse("a\0b", Err("path `a\\0b` holds the invisible character U+0000"));
    check_parse("a\u{202e}b", Err("path `a\\u{202e}b` holds the invisible character U+202E"));
    let drops = "has a name that ends in a dot or a space: some file systems drop it";
    check_parse("a./b", Err(&format!("path `a./b` {drops}")));
    check_parse("a/b ", Err(&format!("path `a/b ` {drops}")));
    for text in [".git/config", "a/.GIT", "git~1", ".gi\u{74}/x"] {
        check_parse(text, Err(&format!("path `{text}` leads into git's own folder")));
    }
    check_parse("{.git,a}/x", Err("glob `{.git,a}/x` leads into git's own folder"));
}

#[test]
fn a_glob_that_cannot_be_read_is_refused() {
    check_parse("a[b", Err("glob `a[b` has a bracket that is not closed; `[[]` is a bracket itself"));
    check_parse("a[[]b", Ok("a[[]b"));
    check_parse("a{b,c", Err("glob `a{b,c` has a brace that is not closed"));
    check_parse("*/../b", Err("path `*/../b` has `..` after a pattern: say it without"));
    let many = "*a".repeat(65);
    check_parse(&many, Err(&format!("glob `{many}` has more than the 64 wildcards a glob may have")));
    let wide = "{a,b}".repeat(12);
    check_parse(&wide, Err(&format!("glob `{wide}` stands for too many paths: at most 1,000")));
    let long = format!("{}*", "a".repeat(512));
    check_parse(&long, Err(&format!("glob `{long}` is longer than the 512 bytes a glob may have")));
}

#[test]
fn a_path_is_also_a_folder() {
    check_overlap("src", "src/a.rs", Some("src/a.rs"));
    check_overlap("src/a.rs", "src/a.rs", Some("src/a.rs"));
    check_overlap("src/v.x", "src/v.x/a.rs", Some("src/v.x/a.rs"));
    check_overlap("src", "srcs", None);
    check_overlap("src/a", "src/b", None);
    check_overlap(".", "src/a.rs", Some("src/a.rs"));
    check_overlap(".", "*.rs", Some("a.rs"));
    check_overlap(".", ".", Some("."));
}

#[test]
fn r_28_case_and_composition_do_not_tell_paths_apart() {
    check_overlap("README.md", "readme.MD", Some("README.md"));
    check_overlap("stra\u{df}e.txt", "STRASSE.txt", Some("stra\u{df}e.txt"));
    check_overlap("caf\u{e9}", "cafe\u{301}", Some("caf\u{e9}"));
    check_overlap("?.rs", "\u{df}.rs", Some("ss.rs"));
    check_overlap("?.rs", "ss.rs", None);
    check_overlap("?.rs", "??.rs", None);
    check_overlap("[\u{df}].rs", "SS.rs", Some("ss.rs"));
    check_overlap("[A-C].rs", "b.rs", Some("b.rs"));
    check_overlap("[!a].rs", "A.rs", None);
}

#[test]
fn wildcards_stay_within_a_folder() {
    check_overlap("src/*", "src/a", Some("src/a"));
    check_overlap("src/*", "src/a/b", None);
    check_overlap("src/*", "src", Some("src/a"));
    check_overlap("src/?.rs", "src/ab.rs", None);
    check_overlap("src/*.rs", "src/a*", Some("src/a.rs"));
    check_overlap("src/*.rs", "src/*.py", None);
    check_overlap("*/a.rs", "b/*.rs", Some("b/a.rs"));
    check_overlap("src/*/", "src/a/b/c", Some("src/a/b/c"));
}

#[test]
fn a_glob_without_a_slash_matches_at_any_depth() {
    check_overlap("*.rs", "src/a.rs", Some("src/a.rs"));
    check_overlap("*.rs", "src", Some("src/a.rs"));
    check_overlap("*.rs", "src/a.py", None);
    check_overlap("test_*.py", "tests/**", Some("tests/test_a.py"));
}

#[test]
fn two_stars_cross_folders() {
    check_overlap("pkg/**/t.py", "pkg/x/*.py", Some("pkg/x/t.py"));
    check_overlap("pkg/**/t.py", "pkg/t.py", Some("pkg/t.py"));
    check_overlap("pkg/**", "pkg/a/b", Some("pkg/a/b"));
    check_overlap("**/a", "b/**", Some("b/a"));
    check_overlap("a**b", "a/x/b", Some("a/x/b"));
    check_overlap("**", "a", Some("a"));
}

#[test]
fn a_glob_does_not_cover_what_lies_below_what_it_matches() {
    check_overlap("src/mod_*", "src/mod_a/x.rs", None);
    check_overlap("src/mod_*/**", "src/mod_a/x.rs", Some("src/mod_a/x.rs"));
}

#[test]
fn r_29_brackets_are_also_themselves() {
    check_overlap("app/[id]/*.tsx", "app/[id]/page.tsx", Some("app/d/page.tsx"));
    check_overlap("app/[id]/*.tsx", "app/d/page.tsx", Some("app/d/page.tsx"));
    check_overlap("app/[id]", "app/[id]/page.tsx", Some("app/[id]/page.tsx"));
    check_overlap("docs/[draft].md", "docs/d.md", Some("docs/d.md"));
    check_overlap("docs/[draft].md", "docs/x.md", None);
}

#[test]
fn braces_are_as_many_specs() {
    check_overlap("src/{a,b}.rs", "src/b.rs", Some("src/b.rs"));
    check_overlap("src/{a,b}.rs", "src/c.rs", None);
    check_overlap("{src,tests}", "tests/x/y.rs", Some("tests/x/y.rs"));
    check_overlap("{a/{b,c},d}/*.py", "a/c/*", Some("a/c/a.py"));
    check_overlap("{name}/x", "{name}/x", Some("{name}/x"));
}

#[test]
fn the_predecessors_wildcards_cross_folders() {
    check_predecessor("src/*", "src/a/b.rs", Some("src/a/b.rs"));
    check_predecessor("*.py", "src/deep/a.py", Some("src/deep/a.py"));
    check_predecessor("src/{a,b}", "src/a", None);
    check_predecessor("src/[x", "src/[[]x/a", Some("src/[x/a"));
    check_predecessor("app/[id]/page.tsx", "app/[id]/page.tsx", Some("app/[id]/page.tsx"));
    check_predecessor("./src/", "src/a.rs", Some("src/a.rs"));
}

#[test]
fn what_another_program_left_adrift_may_be_anywhere() {
    check_predecessor("/home/bob/repo/src/a.rs", "src/a.rs", Some("src/a.rs"));
    check_predecessor("../repo/src/a.rs", "src/a.rs", Some("src/a.rs"));
    check_predecessor("/home/bob/repo/src/a.rs", "src/b.rs", None);
    check_predecessor("", "src/b.rs", Some("src/b.rs"));
}

#[test]
fn r_31_hostile_patterns_are_decided_at_once() {
    let stars = "*a".repeat(60);
    let folders = "**/a/".repeat(30);
    let braces = format!("{}x", "{a,b}".repeat(9));
    let classes = "[a-z]".repeat(60);
    for one in [&stars, &folders, &braces, &classes] {
        for other in [&stars, &folders, &braces, &classes] {
            // Whatever it is, it comes.
            let _ = spec(one).overlap(&spec(other));
        }
    }
    assert!(spec(&braces).overlap(&spec("ababababax")).is_some());
    let unread = PathSpec::read(&"{a,b}".repeat(40), Dialect::Agentsync);
    assert!(unread.overlap(&spec("z")).is_some());
}

#[test]
fn covering_agrees_with_overlap() {
    assert!(spec("src").covers("src/a.rs"));
    assert!(spec("*.rs").covers("a/b/c.rs"));
    assert!(!spec("src/*").covers("src/a/b"));
    assert!(spec(".").covers("x"));
    assert!(PathSpec::read("src/*", Dialect::Predecessor).covers("src/a/b"));
}
