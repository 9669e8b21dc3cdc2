//! A table of commands and what they write.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(command: &str, want: &[&str]) {
    let found: Vec<String> = writes(command)
        .into_iter()
        .map(|write| match (write.is_pattern, write.into.as_slice()) {
            (true, _) => format!("{} (pattern)", write.path),
            (false, []) => write.path,
            (false, into) => format!("{} < {}", write.path, into.join(" ")),
        })
        .collect();
    assert_eq!(found, want, "{command}");
}

#[test]
fn redirections_write_their_file() {
    check("echo x > a.txt", &["a.txt"]);
    check("echo x>>a.txt", &["a.txt"]);
    check("echo x >| a.txt", &["a.txt"]);
    check("make &> log/all.txt", &["log/all.txt"]);
    check("make > out 2> err", &["err", "out"]);
    check("make > out 2>&1", &["out"]);
    check("make >/dev/null 2>&1", &[]);
    check("cat < in.txt", &[]);
    check("> empty", &["empty"]);
    check("cat <<'EOF' > src/a.rs\nfn main() { let x = 1 > 0; }\nEOF\necho done", &["src/a.rs"]);
    check("cat > src/a.rs <<-EOF\n\tx > y\n\tEOF\nrm b", &["b", "src/a.rs"]);
    check("echo 'a > b' \"c > d\" \\> e", &[]);
    check("echo x > \"with space.txt\"", &["with space.txt"]);
    check("diff <(sort a) <(sort b)", &[]);
    check("test 3 -gt 2 && echo y > a # > b", &["a"]);
}

#[test]
fn editors_in_place_write_their_files() {
    check("sed -i 's/a/b/' src/a.rs src/b.rs", &["src/a.rs", "src/b.rs"]);
    check("sed -i.bak -e 's/a/b/' a", &["a"]);
    check("sed -i '' 's/a/b/' a", &["a"]);
    check("sed --in-place=.orig 's/a/b/' a", &["a"]);
    check("sed -Ei 's/a/b/' a", &["a"]);
    check("sed -n 's/i/b/p' a", &[]);
    check("sed 's/a/b/' a", &[]);
    check("perl -pi -e 's/a/b/' a b", &["a", "b"]);
    check("perl -i.bak -pe 's/a/b/' a", &["a"]);
    check("perl -e 'print 1' a", &[]);
}

#[test]
fn moves_copies_and_removals_are_seen() {
    check("mv a b", &["a", "b < a"]);
    check("mv src/a.rs lib/", &["lib/ < a.rs", "src/a.rs"]);
    check("mv -t lib a b", &["a", "b", "lib < a b"]);
    check("cp -r src/a dst", &["dst < a"]);
    check("cp a b c", &["c < a b"]);
    check("rm -rf src/old", &["src/old"]);
    check("rm -- -odd", &["-odd"]);
    check("rm src/*.rs", &["src/*.rs (pattern)"]);
    check("touch a b && truncate --size=0 c", &["a", "b", "c"]);
    check("ln -s ../a b", &["b < a"]);
    check("ls | tee -a log.txt", &["log.txt"]);
    check("dd if=/dev/zero of=disk.img bs=1M", &["disk.img"]);
    check("sort -o out in && curl -o page https://x && wget --output-document=p2 u", &["out", "p2", "page"]);
    check("rsync -a src/ host:dst", &[]);
}

#[test]
fn git_commands_that_write_files_are_seen() {
    check("git checkout main -- src/a.rs", &["src/a.rs"]);
    check("git checkout -- .", &["."]);
    check("git checkout main", &[]);
    check("git restore src/a.rs", &["src/a.rs"]);
    check("git restore --source HEAD~1 a", &["a"]);
    check("git restore --staged a", &[]);
    check("git -C sub rm a", &["sub/a"]);
    check("git mv a b", &["a", "b < a"]);
    check("git apply <<'EOF'\n--- a/src/x\n+++ b/src/x\nEOF", &["src/x"]);
    check("git commit -m 'a > b'", &[]);
}

#[test]
fn patches_in_the_text_are_read() {
    check(
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: src/a.rs\n+x > y\n*** End Patch\nEOF",
        &["src/a.rs"],
    );
    check("apply_patch '*** Begin Patch\n*** Delete File: b\n*** End Patch'", &["b"]);
    check("patch -p1 <<EOF\n--- a/m\n+++ b/m\nEOF", &["m"]);
    check("patch src/a.c fix.diff", &["src/a.c"]);
}

#[test]
fn where_a_command_runs_counts() {
    check("cd src && echo x > a", &["src/a"]);
    check("(cd src; rm a); rm b", &["b", "src/a"]);
    check("cd src/deep; cd ..; rm a", &["src/deep/../a"]);
    check("cd /abs && rm a", &["/abs/a"]);
    check("cd \"$DIR\" && rm a; rm /abs/b", &["/abs/b"]);
}

#[test]
fn commands_inside_commands_are_read() {
    check("bash -c 'echo x > a'", &["a"]);
    check("sh -ec \"rm b\"", &["b"]);
    check("eval 'rm a'", &["a"]);
    check("bash <<'EOF'\nrm a\nEOF", &["a"]);
    check("sudo -E env A=1 B=2 rm a", &["a"]);
    check("timeout 5 rm a", &["a"]);
    check("if true; then rm a; else rm b; fi", &["a", "b"]);
    check("for f in x; do rm a; done", &["a"]);
    check("A=1 rm a", &["a"]);
    check("/bin/rm a", &["a"]);
    check("true | { rm a; }", &["a"]);
}

#[test]
fn formatters_write_when_told() {
    check("prettier --write a.ts b.ts", &["a.ts", "b.ts"]);
    check("prettier a.ts", &[]);
    check("rustfmt src/a.rs", &["src/a.rs"]);
    check("black --check a.py", &[]);
}

#[test]
fn what_cannot_be_decided_is_left_out() {
    check("rm $FILE ${OTHER} $(ls) `ls`", &[]);
    check("rm \"$HOME/x\" ~/y", &[]);
    check("python -c 'open(\"a\", \"w\")'", &[]);
    check("make", &[]);
    check("find . -name x -delete", &[]);
    check("", &[]);
}

#[test]
fn words_are_joined_so_that_they_are_read_back() {
    check(&join(&["rm", "it's here", "$x"]), &["$x", "it's here"]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(text in "[a-z0-9 \\n;|&<>()$`'\"\\\\{}*=/#-]{0,80}") {
        let _ = writes(&text);
    }
}
