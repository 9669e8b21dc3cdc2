//! A command line as a shell reads it: words, redirections, and where one command ends.

/// A script, taken apart.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
}

/// One part of a script.
#[derive(Debug)]
pub(super) enum Step {
    /// A subshell begins.
    Open,
    /// It ends.
    Close,
    /// A simple command.
    Command(Command),
}

/// A simple command.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// Its words.
    pub(super) words: Vec<Word>,
    /// The files it writes by redirection.
    pub(super) outputs: Vec<Word>,
    /// What is fed to it in the script itself.
    pub(super) input: Option<String>,
}

/// A word, its quotes removed.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether it holds a wildcard that the shell expands.
    pub(super) is_pattern: bool,
    /// Whether it depends on a variable or on another command.
    pub(super) is_open: bool,
    /// Whether any of it was quoted.
    is_quoted: bool,
}

/// Takes a script apart. Total: what is not understood ends up as a word.
pub(super) fn parse(text: &str) -> Script {
    let mut reader =
        Reader { rest: text.chars().collect(), at: 0, script: Script::default(), heredocs: Vec::new() };
    reader.read();
    reader.script
}

/// A heredoc that is still to come, after the end of the line.
struct Heredoc {
    end: String,
    strips_tabs: bool,
    /// Which step it belongs to; `None` for the command being read.
    step: usize,
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    script: Script,
    heredocs: Vec<Heredoc>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at.saturating_add(ahead)).copied()
    }

    fn skip(&mut self, n_chars: usize) {
        self.at = self.at.saturating_add(n_chars);
    }

    fn read(&mut self) {
        let mut command = Command::default();
        while let Some(c) = self.peek(0) {
            match c {
                ' ' | '\t' | '\r' => self.skip(1),
                '#' => self.skip_line(),
                '\n' => {
                    self.skip(1);
                    self.end(&mut command);
                    self.take_heredocs();
                }
                '&' if self.peek(1) == Some('>') => self.redirect(&mut command),
                ';' | '|' | '&' => {
                    self.skip(1);
                    self.end(&mut command);
                }
                '(' | ')' => {
                    self.skip(1);
                    self.end(&mut command);
                    self.script.steps.push(if c == '(' { Step::Open } else { Step::Close });
                }
                '<' | '>' => self.redirect(&mut command),
                _ => self.read_word(&mut command),
            }
        }
        self.end(&mut command);
        self.take_heredocs();
    }

    fn end(&mut self, command: &mut Command) {
        let command = std::mem::take(command);
        if !command.words.is_empty() || !command.outputs.is_empty() {
            self.script.steps.push(Step::Command(command));
        }
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.skip(1);
        }
    }

    fn read_word(&mut self, command: &mut Command) {
        let word = self.word();
        // A number right before a redirection is its descriptor.
        let is_descriptor = !word.is_quoted
            && word.text.chars().all(|c| c.is_ascii_digit())
            && matches!(self.peek(0), Some('<' | '>'));
        let is_brace = !word.is_quoted && matches!(word.text.as_str(), "{" | "}");
        if !is_descriptor && !is_brace {
            command.words.push(word);
        }
    }

    /// Reads `>`, `>>`, `>|`, `&>`, `<`, `<<`, `<<<`, and what they lead to.
    fn redirect(&mut self, command: &mut Command) {
        let mut sign = String::new();
        while let Some(c @ ('<' | '>' | '&' | '|')) = self.peek(0) {
            // `>|` ends in a bar; any other bar begins the next command.
            if c == '|' && sign != ">" {
                break;
            }
            sign.push(c);
            self.skip(1);
            if sign == ">&" || sign == "<&" || sign == "<<<" {
                break;
            }
        }
        let strips_tabs = sign == "<<" && self.peek(0) == Some('-');
        if strips_tabs {
            self.skip(1);
        }
        // `>(…)` and `<(…)` are commands, not files.
        if self.peek(0) == Some('(') {
            return;
        }
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.skip(1);
        }
        let word = self.word();
        match sign.as_str() {
            "<<" => {
                let step = self.script.steps.len();
                self.heredocs.push(Heredoc { end: word.text, strips_tabs, step });
            }
            "<<<" => command.input = Some(word.text),
            ">&" if word.text.chars().all(|c| c.is_ascii_digit() || c == '-') => {}
            sign if sign.contains('>') => command.outputs.push(word),
            _ => {}
        }
    }

    /// Reads the texts that follow the line, each up to its end mark.
    fn take_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let mut body = String::new();
            while self.peek(0).is_some() {
                let line = self.line();
                let bare = if heredoc.strips_tabs { line.trim_start_matches('\t') } else { &line };
                if bare == heredoc.end {
                    break;
                }
                body.push_str(bare);
                body.push('\n');
            }
            if let Some(Step::Command(command)) = self.script.steps.get_mut(heredoc.step) {
                command.input = Some(body);
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        while let Some(c) = self.peek(0) {
            self.skip(1);
            if c == '\n' {
                break;
            }
            line.push(c);
        }
        line
    }

    fn word(&mut self) -> Word {
        let mut word = Word::default();
        while let Some(c) = self.peek(0) {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                '\'' => self.single(&mut word),
                '"' => self.double(&mut word),
                '\\' => {
                    // A line that goes on, or a character that means itself.
                    match self.peek(1) {
                        Some('\n') | None => {}
                        Some(c) => word.text.push(c),
                    }
                    self.skip(2);
                }
                '$' | '`' => self.expansion(&mut word),
                _ => {
                    word.is_pattern |= matches!(c, '*' | '?' | '[' | '{');
                    word.text.push(c);
                    self.skip(1);
                }
            }
        }
        word
    }

    fn single(&mut self, word: &mut Word) {
        word.is_quoted = true;
        self.skip(1);
        while let Some(c) = self.peek(0) {
            self.skip(1);
            if c == '\'' {
                return;
            }
            word.text.push(c);
        }
    }

    fn double(&mut self, word: &mut Word) {
        word.is_quoted = true;
        self.skip(1);
        while let Some(c) = self.peek(0) {
            match c {
                '"' => {
                    self.skip(1);
                    return;
                }
                '\\' => {
                    match self.peek(1) {
                        Some(next @ ('"' | '\\' | '$' | '`')) => word.text.push(next),
                        Some('\n') | None => {}
                        Some(next) => word.text.extend(['\\', next]),
                    }
                    self.skip(2);
                }
                '$' | '`' => self.expansion(word),
                _ => {
                    word.text.push(c);
                    self.skip(1);
                }
            }
        }
    }

    /// Passes over a variable or a command whose output becomes part of a word: what it is cannot be told.
    fn expansion(&mut self, word: &mut Word) {
        let open = self.peek(0);
        self.skip(1);
        if open == Some('`') {
            word.is_open = true;
            while self.peek(0).is_some_and(|c| c != '`') {
                self.skip(1);
            }
            return self.skip(1);
        }
        let close = match self.peek(0) {
            Some('(') => Some(('(', ')')),
            Some('{') => Some(('{', '}')),
            Some(c) if c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '*' | '#' | '?' | '!' | '$') => {
                None
            }
            // A dollar sign that means itself.
            _ => return word.text.push('$'),
        };
        word.is_open = true;
        let Some((open, close)) = close else {
            self.skip(1);
            while self.peek(0).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.skip(1);
            }
            return;
        };
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            self.skip(1);
            if c == open {
                depth = depth.saturating_add(1);
            } else if c == close {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
            }
        }
    }
}
