//! The table, with what was to be reached.

use std::fmt::Write as _;

/// What was to be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At most this many times bare git.
    OfBare(f64),
    /// At least this many times faster than the predecessor, and at most so many times bare git.
    Both { of_bare: f64, faster: f64 },
    /// At most this much, in the row's unit.
    AtMost(f64),
    /// Nothing was said.
    None,
}

struct Row {
    what: String,
    ours: f64,
    bare: Option<f64>,
    elder: Option<f64>,
    unit: &'static str,
    target: Target,
}

/// The rows so far.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    remarks: Vec<String>,
}

impl Table {
    /// Adds a row of times in milliseconds.
    pub(crate) fn times(
        &mut self,
        what: String,
        ours: f64,
        bare: Option<f64>,
        elder: Option<f64>,
        target: Target,
    ) {
        self.row(what, ours, bare, elder, "ms", target);
    }

    /// Adds a row in any unit.
    pub(crate) fn row(
        &mut self,
        what: String,
        ours: f64,
        bare: Option<f64>,
        elder: Option<f64>,
        unit: &'static str,
        target: Target,
    ) {
        eprintln!("bench: {what}: {ours:.1} {unit}, bare {bare:.1?}, predecessor {elder:.1?}");
        self.rows.push(Row { what, ours, bare, elder, unit, target });
    }

    /// Adds a sentence below the table.
    pub(crate) fn remark(&mut self, text: String) {
        eprintln!("bench: {text}");
        self.remarks.push(text);
    }

    /// Returns the table as Markdown.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from(
            "| | agentsync | bare git | predecessor | × bare git | × faster than the predecessor | to reach |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
        );
        for row in &self.rows {
            let value =
                |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.1} {}", row.unit));
            let of_bare = row.bare.map_or(String::new(), |bare| format!("{:.2}", row.ours / bare));
            let faster = row.elder.map_or(String::new(), |elder| format!("{:.1}", elder / row.ours));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {of_bare} | {faster} | {} |",
                row.what,
                value(Some(row.ours)),
                value(row.bare),
                value(row.elder),
                row.verdict()
            );
        }
        for remark in &self.remarks {
            let _ = writeln!(text, "\n{remark}");
        }
        text
    }
}

impl Row {
    fn verdict(&self) -> String {
        let of_bare = |most: f64| self.bare.is_some_and(|bare| self.ours / bare <= most);
        let faster = |least: f64| self.elder.is_none_or(|elder| elder / self.ours >= least);
        let (words, is_met) = match self.target {
            Target::None => return String::new(),
            Target::OfBare(most) => (format!("≤ {most}×"), of_bare(most)),
            Target::Both { of_bare: most, faster: least } => {
                (format!("≤ {most}×, ≥ {least}× faster"), of_bare(most) && faster(least))
            }
            Target::AtMost(most) => (format!("≤ {most} {}", self.unit), self.ours <= most),
        };
        format!("{words}: {}", if is_met { "met" } else { "**missed**" })
    }
}
