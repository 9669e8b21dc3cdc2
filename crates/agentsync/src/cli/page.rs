//! Text for people: wrapped to the terminal, coloured where there is one.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

/// The narrowest page that is wrapped to; anything less is a mistake of the terminal's.
const MIN_WIDTH: usize = 40;
/// The widest page: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// A name, a heading.
    Strong,
    /// What may be skipped.
    Faint,
    /// A yes.
    Good,
    /// A no.
    Bad,
    /// Something to know.
    Warning,
}

impl Look {
    fn style(self) -> Style {
        match self {
            Look::Plain => Style::new(),
            Look::Strong => Style::new().bold(),
            Look::Faint => Style::new().dimmed(),
            Look::Good => AnsiColor::Green.on_default().bold(),
            Look::Bad => AnsiColor::Red.on_default().bold(),
            Look::Warning => AnsiColor::Yellow.on_default(),
        }
    }
}

/// A page of text being written.
#[derive(Debug)]
pub struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// Begins a page as wide as the terminal.
    pub fn new(width: usize) -> Page {
        Page { text: String::new(), width: width.clamp(MIN_WIDTH, MAX_WIDTH) }
    }

    /// Returns what was written, with escapes for colour.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Writes a paragraph with a look.
    pub fn line(&mut self, look: Look, text: &str) {
        self.item(0, look, text);
    }

    /// Writes a paragraph, indented.
    pub fn item(&mut self, indent: usize, look: Look, text: &str) {
        let pad = " ".repeat(indent);
        let style = look.style();
        for line in textwrap::wrap(text, lines_of(self.width - indent.min(self.width / 2))) {
            let _ = writeln!(self.text, "{pad}{style}{line}{style:#}");
        }
    }

    /// Writes one line as it is, however long: a diff is no prose.
    pub fn verbatim(&mut self, look: Look, line: &str) {
        let style = look.style();
        let _ = writeln!(self.text, "{style}{line}{style:#}");
    }

    /// Writes a line of source, cut where the page ends: wrapped it could not be read.
    pub fn cut_line(&mut self, indent: usize, look: Look, line: &str) {
        let line = agentsync_core::text::cut(line, self.width.saturating_sub(indent).max(20));
        let (pad, style) = (" ".repeat(indent), look.style());
        let _ = writeln!(self.text, "{pad}{style}{line}{style:#}");
    }

    /// Writes a heading and a paragraph on one line.
    pub fn headed(&mut self, look: Look, heading: &str, text: &str) {
        let style = look.style();
        let options = lines_of(self.width).subsequent_indent("  ");
        let whole = format!("{heading}  {text}");
        for (n, line) in textwrap::wrap(&whole, options).iter().enumerate() {
            let rest = line.strip_prefix(heading).filter(|_| n == 0);
            let _ = match rest {
                Some(rest) => writeln!(self.text, "{style}{heading}{style:#}{rest}"),
                None => writeln!(self.text, "{line}"),
            };
        }
    }

    /// Writes a labelled value: labels stand in a column, long values hang beside it.
    pub fn field(&mut self, label: &str, value: &str) {
        self.field_at(2, label, value);
    }

    /// Writes a labelled value, indented.
    pub fn field_at(&mut self, indent: usize, label: &str, value: &str) {
        self.labelled(indent, label, Look::Plain, value);
    }

    /// Writes a labelled value with a look, indented.
    pub fn labelled(&mut self, indent: usize, label: &str, look: Look, value: &str) {
        let (style, column, look) = (Look::Faint.style(), indent + 10, look.style());
        let hang = " ".repeat(column);
        let lines = textwrap::wrap(value, lines_of(self.width.saturating_sub(column).max(20)));
        for (n, line) in lines.iter().enumerate() {
            let _ = match n {
                0 => writeln!(
                    self.text,
                    "{}{style}{label:<9}{style:#} {look}{line}{look:#}",
                    " ".repeat(indent)
                ),
                _ => writeln!(self.text, "{hang}{look}{line}{look:#}"),
            };
        }
    }

    /// Writes who, and beside it what; long texts hang under what.
    pub fn hanging(&mut self, indent: usize, look: Look, who: &str, what: &str) {
        let (style, pad) = (look.style(), " ".repeat(indent));
        let hang = " ".repeat(indent + textwrap::core::display_width(who) + 3);
        let whole = format!("{who} {what}");
        let options =
            lines_of(self.width.saturating_sub(indent)).subsequent_indent(hang.get(indent..).unwrap_or(""));
        for line in textwrap::wrap(&whole, options) {
            let _ = match line.strip_prefix(who) {
                Some(rest) => writeln!(self.text, "{pad}{style}{who}{style:#}{rest}"),
                None => writeln!(self.text, "{pad}{line}"),
            };
        }
    }

    /// Writes the best next call.
    pub fn next(&mut self, next: &str) {
        self.gap();
        self.headed(Look::Faint, "next", next);
    }

    /// Leaves a line free, unless the page begins or the last one is.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

/// Breaks lines at spaces alone: a path that is cut at its slash or hyphen cannot be copied.
fn lines_of(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}
