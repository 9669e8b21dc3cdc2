//! A project of many source files in three languages, and branches of a few changed files each.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use agentsync_lab::checkout::Checkout;

/// How many functions a file has.
const N_FUNCTIONS: usize = 12;
/// How many files a branch changes.
const N_CHANGED: usize = 10;

/// Returns the name of a branch.
pub(crate) fn branch(n: usize) -> String {
    format!("work/{n:03}")
}

/// Commits the project and its branches, and pushes them.
pub(crate) fn make(alice: &Checkout, n_files: usize, n_branches: usize) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut stream = Stream { text: String::new(), now };
    stream.commit("refs/heads/main", 1, "refs/heads/main^0");
    for n in 0..n_files {
        stream.file(&path(n), &text(n, None));
    }
    for n in 0..n_branches {
        stream.commit(&format!("refs/heads/{}", branch(n)), n + 2, ":1");
        for file in changed(n, n_files) {
            stream.file(&path(file), &text(file, Some(n)));
        }
        // Every branch has a new file, which calls what others may be renaming.
        let called = changed((n + 1) % n_branches, n_files)[1];
        stream.file(&new_path(n), &caller(n, called));
    }
    let mut git = Command::new("git");
    git.current_dir(alice.path()).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
    let mut child = git.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    alice.git(&["push", "--quiet", "origin", "refs/heads/main", "refs/heads/work/*:refs/heads/work/*"]);
    alice.git(&["fetch", "--quiet", "origin"]);
    alice.git(&["reset", "--quiet", "--hard", "main"]);
    alice.git(&["switch", "--quiet", "--no-track", "-c", "mine", "main"]);
    alice.write("note.txt", "not committed\n");
}

/// Commits to one of the branches, and pushes it.
pub(crate) fn move_one(alice: &Checkout, round: usize) {
    let name = branch(round);
    let tip = alice.git(&["rev-parse", &format!("origin/{name}")]).text().to_owned();
    let tree = alice.git(&["rev-parse", &format!("{tip}^{{tree}}")]).text().to_owned();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let date = format!("@{now} +0000");
    let env = [("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)];
    let message = format!("again {round}");
    let made =
        alice.run_with("git", &env, &["commit-tree", "-m", &message, "-p", &tip, &tree]).expect_success();
    alice.git(&["push", "--quiet", "origin", &format!("{}:refs/heads/{name}", made.text())]);
    alice.git(&["fetch", "--quiet", "origin"]);
}

/// What `git fast-import` reads.
struct Stream {
    text: String,
    now: u64,
}

impl Stream {
    fn commit(&mut self, reference: &str, mark: usize, from: &str) {
        let Stream { text, now } = self;
        let who = format!("Alice <alice@example.org> {now} +0000");
        let _ =
            write!(text, "commit {reference}\nmark :{mark}\ncommitter {who}\ndata 4\nwork\nfrom {from}\n");
    }

    fn file(&mut self, path: &str, content: &str) {
        let _ = write!(self.text, "M 100644 inline {path}\ndata {}\n{content}\n", content.len());
    }
}

fn path(n: usize) -> String {
    let folder = n / 40;
    match n % 3 {
        0 => format!("java/src/p{folder}/File{n}.java"),
        1 => format!("go/p{folder}/file{n}.go"),
        _ => format!("web/p{folder}/file{n}.ts"),
    }
}

fn new_path(n: usize) -> String {
    format!("go/new/caller{n}.go")
}

/// Returns which files a branch changes: some are its own, some are others' too.
fn changed(n: usize, n_files: usize) -> Vec<usize> {
    let spread = |k: usize| (n * 97 + k * 389 + k * k * 31) % n_files;
    let shared = (n / 5 * 3) % n_files;
    std::iter::once(shared).chain((1..N_CHANGED).map(spread)).collect()
}

/// Returns a file, as it is or as a branch has it: a line changed, and one function under another name.
fn text(n: usize, by: Option<usize>) -> String {
    let mut text = match n % 3 {
        0 => format!("package p{};\n\npublic class File{n} {{\n", n / 40),
        1 => format!("package p{}\n\n", n / 40),
        _ => format!("import {{ other{n} }} from \"./other{n}\";\n\n"),
    };
    for k in 0..N_FUNCTIONS {
        let renamed = by.filter(|_| k == 2).map_or_else(String::new, |by| format!("By{by}"));
        let value = by.filter(|_| k == 5).map_or(k, |by| by + 100);
        let (name, calls) = (format!("work{n}x{k}{renamed}"), format!("help{}x{k}", n / 7));
        let _ = match n % 3 {
            0 => writeln!(
                text,
                "    /** Does the work of {name}. */\n    public int {name}(int first, String second) {{\n        \
                 int total = first + {value};\n        return {calls}(total, second);\n    }}\n"
            ),
            1 => writeln!(
                text,
                "// {name} does its work.\nfunc {name}(first int, second string) int {{\n\ttotal := first + {value}\n\t\
                 return {calls}(total, second)\n}}\n"
            ),
            _ => writeln!(
                text,
                "/** Does the work of {name}. */\nexport function {name}(first: number, second: string): number {{\n  \
                 const total = first + {value};\n  return {calls}(total, second);\n}}\n"
            ),
        };
    }
    if n.is_multiple_of(3) {
        text.push_str("}\n");
    }
    text
}

fn caller(n: usize, called: usize) -> String {
    format!("package fresh\n\nfunc call{n}() int {{\n\treturn work{called}x2(1, \"a\")\n}}\n")
}
