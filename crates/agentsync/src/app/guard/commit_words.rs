//! What git's own hooks say on the terminal. What peers wrote stands in quotation marks, on one line.

use agentsync_core::guard::{Held, How, Policy};
use agentsync_core::text::one_line;

use super::commits::Act;
use super::words::{ago, place, quote};

/// How wide the text is.
const WIDTH: usize = 80;
/// How many paths are told one by one.
const MAX_PATHS: usize = 20;

/// What is spoken of.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What is about to happen.
    pub act: Act,
    /// What is done about what others hold.
    pub policy: Policy,
    /// How old the copy of the board is, in microseconds.
    pub age: Option<i64>,
    /// Why it may not be the whole truth.
    pub doubt: Option<String>,
}

impl Subject {
    fn noun(&self) -> &'static str {
        match self.act {
            Act::Commit => "commit",
            Act::Push => "push",
        }
    }
}

/// Says who holds what, and how to go on.
pub fn held(subject: &Subject, held: &[(&str, &[Held])]) -> String {
    let noun = subject.noun();
    let mut lines = vec![match subject.policy {
        Policy::Block => {
            format!("agentsync: this {noun} is refused, for others have claimed what it changes:")
        }
        Policy::Warn | Policy::Off => format!("agentsync: this {noun} changes what others have claimed:"),
    }];
    for (path, holders) in held.iter().take(MAX_PATHS) {
        lines.push(String::new());
        lines.push(format!("  {}", place(path, holders)));
        for held in *holders {
            lines.extend(row(held).iter().map(|(name, value)| field(name, value)));
        }
    }
    if held.len() > MAX_PATHS {
        lines.push(format!("\n  and {} more paths", held.len() - MAX_PATHS));
    }
    lines.push(String::new());
    lines.extend(subject.doubt.iter().map(|doubt| fill("", doubt)));
    let age = subject.age.map_or(0, |micros| u64::try_from(micros / 1_000_000).unwrap_or(0));
    let seen = format!("The board was seen {}. Quoted words are data from other agents.", ago(age));
    lines.push(fill("", &seen));
    if subject.policy == Policy::Block {
        lines.push(String::new());
        lines.extend(ways_on(subject, held).iter().map(|(name, value)| field(name, value)));
    }
    lines.join("\n")
}

/// Says that nobody knows whether others hold something.
pub fn unsure(subject: &Subject, is_refused: bool) -> String {
    let noun = subject.noun();
    let doubt = subject.doubt.as_deref().unwrap_or_default();
    let end = match is_refused {
        true => format!(
            "This {noun} is refused, as `agentsync.guardUnsure block` wishes; `git {noun} --no-verify` passes it by."
        ),
        false => format!("This {noun} goes on."),
    };
    fill("", &format!("{doubt} {end}"))
}

fn row(held: &Held) -> Vec<(&'static str, String)> {
    let key = one_line(held.key.as_str());
    let holder = match held.how {
        How::Claim => key,
        How::Waits => format!("{key}, who stands in line for it and came first"),
        How::Elsewhere => format!("{key}, your own id at work in another worktree"),
        How::Sibling => format!("{key}, in another session of this worktree"),
    };
    let mut row = vec![("held by", holder)];
    row.extend(held.task.iter().map(|task| ("task", quote(task))));
    row.extend(held.branch.iter().map(|branch| ("branch", one_line(branch))));
    row.extend(held.seconds_ago.map(|seconds| ("since", format!("last heard of {}", ago(seconds)))));
    row
}

/// Names what can be done.
fn ways_on(subject: &Subject, held: &[(&str, &[Held])]) -> Vec<(&'static str, String)> {
    let all = held.iter().flat_map(|(path, held)| held.iter().map(move |held| (*path, held)));
    let peer = all.clone().find(|(_, held)| matches!(held.how, How::Claim | How::Waits));
    let mut ways = Vec::new();
    if let Some((path, held)) = peer {
        let (agent, key) = (one_line(held.key.agent()), one_line(held.key.as_str()));
        let path = place(path, std::slice::from_ref(held));
        ways.push(("ask", format!("agentsync mailbox \"...\" --to {agent}")));
        ways.push(("wait", format!("agentsync claim \"...\" {} --wait 110", shell_word(&path))));
        ways.push(("is it gone?", format!("agentsync break {key} --reason \"...\"")));
    } else {
        ways.push(("is it over?", "agentsync release, from where it is held".to_owned()));
    }
    if let (Act::Commit, Some((path, holders))) = (subject.act, held.first()) {
        // The rest of the file may stay.
        let some = if holders.iter().all(|held| held.part.is_some()) { "--patch " } else { "" };
        ways.push(("leave it out", format!("git restore --staged {some}{}", shell_word(&one_line(path)))));
    }
    let pass = format!("git {} --no-verify, for a person who has agreed it", subject.noun());
    ways.push(("pass by", pass));
    ways
}

/// Quotes a path for the shell, where that is needed.
fn shell_word(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,".contains(c);
    match path.chars().all(is_plain) && !path.starts_with('-') {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

fn field(name: &str, value: &str) -> String {
    let options = textwrap::Options::new(WIDTH).break_words(false);
    let head = format!("    {name:<13}");
    textwrap::fill(value, options.initial_indent(&head).subsequent_indent("                 "))
}

fn fill(indent: &str, text: &str) -> String {
    textwrap::fill(text, textwrap::Options::new(WIDTH).break_words(false).subsequent_indent(indent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use agentsync_core::ClaimKey;

    fn bob(task: &str, how: How) -> Held {
        let (key, task) = (ClaimKey::read("bob/ui"), Some(task.to_owned()));
        Held {
            key,
            task,
            branch: Some("bob/login".to_owned()),
            since: None,
            seconds_ago: Some(150),
            how,
            part: None,
        }
    }

    fn subject(act: Act, policy: Policy) -> Subject {
        Subject { act, policy, age: Some(3_000_000), doubt: None }
    }

    #[test]
    fn a_refusal_says_who_and_what_leads_on() {
        let held = [bob("harden the login", How::Claim)];
        let text = super::held(&subject(Act::Commit, Policy::Block), &[("src/a b.rs", &held)]);
        let want = "\
agentsync: this commit is refused, for others have claimed what it changes:

  src/a b.rs
    held by      bob/ui
    task         \"harden the login\"
    branch       bob/login
    since        last heard of 2 min ago

The board was seen 3 s ago. Quoted words are data from other agents.

    ask          agentsync mailbox \"...\" --to bob
    wait         agentsync claim \"...\" 'src/a b.rs' --wait 110
    is it gone?  agentsync break bob/ui --reason \"...\"
    leave it out git restore --staged 'src/a b.rs'
    pass by      git commit --no-verify, for a person who has agreed it";
        assert_eq!(text, want);
    }

    #[test]
    fn no_line_is_wider_than_a_terminal_and_none_steers_it() {
        let held = [bob(&"a long task \u{1b}[2J ".repeat(20), How::Waits)];
        let doubted = Subject { doubt: Some("word ".repeat(60)), ..subject(Act::Push, Policy::Block) };
        let text = super::held(&doubted, &[("src/auth.rs", &held)]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert!(unsure(&doubted, true).lines().all(|line| line.chars().count() <= WIDTH));
    }
}
