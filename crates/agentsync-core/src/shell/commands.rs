//! Which arguments of which commands are files that they write.

use super::words::{Command, Word};
use super::{Write, read};

/// Commands that run the one that follows.
const WRAPPERS: [&str; 9] = ["sudo", "env", "command", "builtin", "exec", "time", "nohup", "nice", "stdbuf"];
/// Words of the shell's own that may stand before a command.
const KEYWORDS: [&str; 8] = ["if", "then", "else", "elif", "do", "while", "until", "!"];
/// Programs that write all files they are given.
const REMOVERS: [&str; 7] = ["rm", "unlink", "shred", "rmdir", "truncate", "touch", "sponge"];
/// Formatters that write the files they are given, once told to.
const FORMATTERS: [(&str, &[&str]); 7] = [
    ("prettier", &["--write", "-w"]),
    ("eslint", &["--fix"]),
    ("gofmt", &["-w"]),
    ("goimports", &["-w"]),
    ("rustfmt", &[]),
    ("black", &[]),
    ("isort", &[]),
];

/// Returns what a simple command writes.
pub(super) fn writes(command: &Command, depth: usize) -> Vec<Write> {
    let outputs = command.outputs.iter().filter(|word| !word.text.starts_with("/dev/"));
    let mut found: Vec<Write> = outputs.filter_map(to_write).collect();
    let words = bare(&command.words);
    let Some((name, args)) = words.split_first() else { return found };
    let input = command.input.as_deref();
    found.extend(match program(name) {
        "tee" => all(args),
        "sed" => edits_in_place(args, &["-e", "-f", "--expression", "--file"], |arg| {
            arg == "--in-place" || arg.starts_with("--in-place=") || is_short(arg, 'i')
        }),
        "perl" | "ruby" => edits_in_place(args, &["-e", "-E"], |arg| is_short(arg, 'i')),
        "mv" => moved(args, true),
        "cp" | "install" | "ln" | "rsync" => moved(args, false),
        "dd" => args.iter().filter_map(|arg| of_assignment(arg, "of")).collect(),
        "sort" | "curl" => after(args, &["-o", "--output"]),
        "wget" => after(args, &["-O", "--output-document"]),
        "patch" => patched(args, input),
        "apply_patch" | "applypatch" => {
            let text = input.or_else(|| args.first().map(|arg| arg.text.as_str())).unwrap_or_default();
            crate::patch::paths(text).into_iter().map(Write::file).collect()
        }
        "git" => git(args, input),
        "bash" | "sh" | "zsh" | "dash" | "ksh" if depth > 0 => script(args, input, depth),
        "eval" if depth > 0 && args.iter().all(|arg| !arg.is_open) => {
            let text: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
            read(&text.join(" "), depth.saturating_sub(1))
        }
        name if REMOVERS.contains(&name) => all(args),
        name => formatted(name, args),
    });
    found
}

/// Where a command leaves those that follow it.
pub(super) enum Move {
    /// Where they were.
    Stay,
    /// In this folder.
    To(String),
    /// Somewhere that cannot be told.
    Away,
}

/// Returns where a command leaves those that follow it.
pub(super) fn enters(command: &Command) -> Move {
    let words = bare(&command.words);
    let Some((name, args)) = words.split_first() else { return Move::Stay };
    if !matches!(name.text.as_str(), "cd" | "pushd" | "popd") {
        return Move::Stay;
    }
    let to = args.iter().find(|arg| !arg.text.starts_with('-'));
    let to = to.filter(|to| !to.is_open && !to.is_pattern && !to.text.starts_with('~'));
    to.map_or(Move::Away, |to| Move::To(to.text.clone()))
}

/// Returns a command without what stands before it: settings of variables, wrappers, keywords.
fn bare(words: &[Word]) -> Vec<Word> {
    let mut words: Vec<Word> = words.to_vec();
    loop {
        let Some(first) = words.first() else { return words };
        let text = first.text.as_str();
        let is_setting = text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        let n_words = match text {
            _ if is_setting || KEYWORDS.contains(&text) => 1,
            // A duration follows.
            "timeout" => 2,
            _ if WRAPPERS.contains(&text) => {
                let options = words.iter().skip(1).take_while(|word| word.text.starts_with('-')).count();
                options.saturating_add(1)
            }
            _ => return words,
        };
        words.drain(..n_words.min(words.len()));
    }
}

fn program(name: &Word) -> &str {
    name.text.rsplit('/').next().unwrap_or(&name.text)
}

fn to_write(word: &Word) -> Option<Write> {
    let is_known = !word.is_open && !word.text.is_empty() && !word.text.starts_with('~');
    is_known.then(|| Write { path: word.text.clone(), is_pattern: word.is_pattern, into: Vec::new() })
}

/// Returns the arguments that are no options; after `--` all are none.
fn plain(args: &[Word]) -> Vec<&Word> {
    let (mut is_over, mut found) = (false, Vec::new());
    for arg in args {
        match arg.text.as_str() {
            "--" if !is_over => is_over = true,
            text if is_over || !text.starts_with('-') || text == "-" => found.push(arg),
            _ => {}
        }
    }
    found
}

fn all(args: &[Word]) -> Vec<Write> {
    plain(args).into_iter().filter_map(to_write).collect()
}

/// Tells whether an argument is a bundle of short options with `option` among them.
fn is_short(arg: &str, option: char) -> bool {
    let bundle = arg.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
    // What follows the option in its bundle is its value, such as a suffix.
    bundle
        .split(option)
        .next()
        .is_some_and(|before| before.len() < bundle.len() && before.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Returns the files of an editor that writes in place, when it is told to.
fn edits_in_place(args: &[Word], scripts: &[&str], is_in_place: impl Fn(&str) -> bool) -> Vec<Write> {
    if !args.iter().any(|arg| is_in_place(&arg.text)) {
        return Vec::new();
    }
    // The script is an argument of its own unless an option gave it.
    let gives_script =
        |arg: &Word| scripts.iter().any(|option| arg.text == *option) || is_short(&arg.text, 'e');
    let (mut has_script, mut files, mut skips) = (args.iter().any(gives_script), Vec::new(), false);
    for arg in args {
        match arg.text.as_str() {
            _ if std::mem::take(&mut skips) => {}
            _ if gives_script(arg) => skips = true,
            text if text.starts_with('-') || text.is_empty() => {}
            _ if !has_script => has_script = true,
            _ => files.extend(to_write(arg)),
        }
    }
    files
}

/// Returns the destination of a move or copy, and what is moved away.
fn moved(args: &[Word], removes: bool) -> Vec<Write> {
    let folder = args.iter().zip(args.iter().skip(1)).find(|(arg, _)| arg.text == "-t").map(|(_, to)| to);
    let paths = plain(args);
    let (to, from): (&Word, Vec<&Word>) = match (folder, paths.split_last()) {
        (Some(to), _) => (to, paths.iter().copied().filter(|path| path.text != to.text).collect()),
        (None, Some((to, from))) if !from.is_empty() => (to, from.to_vec()),
        (None, _) => return Vec::new(),
    };
    let names = from.iter().filter(|word| !word.is_open && !word.is_pattern);
    let into: Vec<String> = names
        .filter_map(|word| word.text.trim_end_matches('/').rsplit('/').next().map(str::to_owned))
        .collect();
    // A remote place of `rsync` is none of ours.
    let to = to_write(to).filter(|to| !to.path.contains(':')).map(|to| Write { into, ..to });
    let from = from.into_iter().filter(|_| removes).filter_map(to_write);
    from.chain(to).collect()
}

fn of_assignment(arg: &Word, name: &str) -> Option<Write> {
    let value = arg.text.strip_prefix(name)?.strip_prefix('=')?;
    (!arg.is_open).then(|| Write::file(value))
}

/// Returns the value of an option, given after it or behind `=`.
fn after(args: &[Word], options: &[&str]) -> Vec<Write> {
    let next = args.iter().zip(args.iter().skip(1));
    let apart =
        next.filter(|(arg, _)| options.contains(&arg.text.as_str())).filter_map(|(_, value)| to_write(value));
    let joined = args.iter().filter_map(|arg| options.iter().find_map(|option| of_assignment(arg, option)));
    apart.chain(joined).collect()
}

fn patched(args: &[Word], input: Option<&str>) -> Vec<Write> {
    let mut found: Vec<Write> = plain(args).first().and_then(|file| to_write(file)).into_iter().collect();
    found.extend(input.map(crate::patch::paths).unwrap_or_default().into_iter().map(Write::file));
    found
}

fn formatted(name: &str, args: &[Word]) -> Vec<Write> {
    let Some((_, told)) = FORMATTERS.iter().find(|(formatter, _)| *formatter == name) else {
        return Vec::new();
    };
    let is_told = told.is_empty() || args.iter().any(|arg| told.contains(&arg.text.as_str()));
    let only_looks = args.iter().any(|arg| arg.text == "--check" || arg.text == "--diff");
    if is_told && !only_looks { all(args) } else { Vec::new() }
}

/// Reads the script that a shell is given.
fn script(args: &[Word], input: Option<&str>, depth: usize) -> Vec<Write> {
    let given = args.iter().zip(args.iter().skip(1)).find(|(arg, _)| is_short(&arg.text, 'c'));
    let given =
        given.map(|(_, script)| script).filter(|script| !script.is_open).map(|script| script.text.as_str());
    let is_file = !plain(args).is_empty() && given.is_none();
    let text = given.or(input.filter(|_| !is_file));
    text.map(|text| read(text, depth.saturating_sub(1))).unwrap_or_default()
}

/// Reads the commands of git that write files of the work tree.
fn git(args: &[Word], input: Option<&str>) -> Vec<Write> {
    let mut folder = None;
    let mut rest = args;
    // What stands before the command: `-C folder`, `-c key=value`, and options alone.
    while let Some((first, more)) = rest.split_first().filter(|(first, _)| first.text.starts_with('-')) {
        let takes_value = matches!(first.text.as_str(), "-C" | "-c" | "--git-dir" | "--work-tree");
        if first.text == "-C" {
            folder = more.first().map(|to| to.text.clone());
        }
        rest = if takes_value { more.get(1..).unwrap_or_default() } else { more };
    }
    let Some((verb, args)) = rest.split_first() else { return Vec::new() };
    let behind_mark = |args: &[Word]| {
        let at = args.iter().position(|arg| arg.text == "--")?;
        args.get(at.saturating_add(1)..).map(<[Word]>::to_vec)
    };
    let found = match verb.text.as_str() {
        "rm" => all(args),
        "restore" => {
            let is_staged = args.iter().any(|arg| matches!(arg.text.as_str(), "--staged" | "-S"));
            let is_tree = args.iter().any(|arg| matches!(arg.text.as_str(), "--worktree" | "-W"));
            let source = |arg: &Word| matches!(arg.text.as_str(), "-s" | "--source");
            let args: Vec<Word> = without_values(args, source);
            if is_staged && !is_tree { Vec::new() } else { all(&args) }
        }
        "checkout" => behind_mark(args).map(|paths| all(&paths)).unwrap_or_default(),
        "mv" => moved(args, true),
        "apply" | "am" => {
            input.map(crate::patch::paths).unwrap_or_default().into_iter().map(Write::file).collect()
        }
        _ => Vec::new(),
    };
    let place = |write: Write| match &folder {
        Some(folder) if !write.path.starts_with('/') => {
            Write { path: format!("{folder}/{}", write.path), ..write }
        }
        _ => write,
    };
    found.into_iter().map(place).collect()
}

/// Returns arguments without certain options and the values that follow them.
fn without_values(args: &[Word], takes_value: impl Fn(&Word) -> bool) -> Vec<Word> {
    let (mut skips, mut kept) = (false, Vec::new());
    for arg in args {
        let is_value = std::mem::replace(&mut skips, takes_value(arg));
        if !is_value && !skips {
            kept.push(arg.clone());
        }
    }
    kept
}
