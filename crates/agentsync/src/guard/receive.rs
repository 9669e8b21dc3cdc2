//! Git's `pre-receive` on a server: the references of a push in, nothing or a refusal of all of it out.
//!
//! What is said goes to the pusher's terminal, where git puts `remote: ` in front of each line.

use std::io::{Read as _, Write as _};

use agentsync_core::text::{escape, one_line};

use crate::app::ports::gate::RefUpdate;
use crate::app::receive::{Said, receive};
use crate::config::Flags;
use crate::report::Exit;
use crate::wiring::receive::{Server, board_name};

/// How wide a line is, so that it fits behind git's own words.
const WIDTH: usize = 70;
/// The longest list of references that is read.
const MAX_BYTES: u64 = 64 << 20;

/// Reads what is pushed, and refuses it or does not.
pub fn run(flags: &Flags) -> Exit {
    let mut text = Vec::new();
    let read = std::io::stdin().take(MAX_BYTES).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    let updates: Option<Vec<RefUpdate>> = text.lines().map(RefUpdate::parse).collect();
    let (Ok(_), Some(updates)) = (read, updates) else {
        tell(&[broken("git's list of references cannot be read", true)]);
        return Exit::No;
    };
    let said = match Server::open(flags) {
        Ok(server) => receive(&server.push, &server.plan, &updates, server.now()),
        Err(failure) => {
            let board = board_name(flags);
            let is_board = updates.iter().any(|update| update.branch() == Some(board.as_str()));
            vec![broken(&failure.to_string(), is_board)]
        }
    };
    tell(&said);
    if said.iter().any(|said| said.is_refusal) { Exit::No } else { Exit::Yes }
}

/// Says that the gate itself does not work: code passes, the board does not.
fn broken(why: &str, is_refusal: bool) -> Said {
    Said {
        is_refusal,
        head: "the gate of this server does not work".to_owned(),
        lines: vec![one_line(&escape(why))],
        fix: "whoever runs the server must look at its hook".to_owned(),
    }
}

fn tell(said: &[Said]) {
    let mut stderr = std::io::stderr().lock();
    for one in said {
        let word = if one.is_refusal { "refused" } else { "warning" };
        let paragraphs = [
            (String::new(), format!("agentsync: {word}: {}", one.head)),
            ("  ".to_owned(), one.lines.join("\n")),
            (String::new(), format!("next: {}", one.fix)),
        ];
        for (indent, text) in &paragraphs {
            for line in text.lines() {
                for line in wrapped(indent, line) {
                    // A pusher who is gone has nothing to be told.
                    let _ = writeln!(stderr, "{line}");
                }
            }
        }
    }
}

fn wrapped(indent: &str, text: &str) -> Vec<String> {
    let deeper = format!("{indent}  ");
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(indent)
        .subsequent_indent(&deeper)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}
