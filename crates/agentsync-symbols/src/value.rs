//! How an expression that names, reads and calls things one after the other is written in facts.
//!
//! `repo.users(1)?.first` is `repo.users()?.first`: names joined by `.`, `()` behind what is called, `?` behind
//! what is taken out of something (of Rust's `?`, of a promise that is waited for, the first of several results).
//! Making a value is `new T`. It is read off the text, which is alike in all languages; what is anything else is
//! not told at all.

use agentsync_core::facts::Receiver;

/// Longer expressions are not told.
const MAX_TEXT: usize = 400;
/// So many parentheses around a part are looked through.
const MAX_DEPTH: u8 = 3;

/// What differs between languages.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether `?` behind a value takes it out of a result (Rust).
    pub has_try: bool,
    /// Whether `await` takes a value out of a type that is written (a promise).
    pub has_promises: bool,
    /// Whether a block behind a call is one more argument (Kotlin).
    pub has_blocks: bool,
}

impl Style {
    /// Nothing beside what all have.
    pub const NONE: Style = Style { has_try: false, has_promises: false, has_blocks: false };
}

/// Returns what a call is made on, given its text: a value as it is written, or anything. Code calls the value that its
/// method is called on `this`, `self` or `own`.
pub fn receiver(text: &str, own: Option<&str>, style: Style) -> Receiver {
    let Some(path) = value(text, own, style) else { return Receiver::Other };
    let is_plain = path.strip_prefix("this.").unwrap_or(&path).chars().all(is_part);
    if is_plain { Receiver::Name(path) } else { Receiver::Value(path) }
}

/// Returns how an expression is written in facts.
pub fn value(text: &str, own: Option<&str>, style: Style) -> Option<String> {
    if MAX_TEXT < text.len() {
        return None;
    }
    let mut reader = Reader { rest: text.trim(), own, style, depth: 0 };
    let path = reader.value()?;
    reader.rest.is_empty().then_some(path)
}

struct Reader<'t, 'a> {
    rest: &'t str,
    own: Option<&'a str>,
    style: Style,
    depth: u8,
}

impl<'t> Reader<'t, '_> {
    /// Reads all that belongs together.
    fn value(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start_matches(['&', '*', ' ']);
        if self.word("mut") {
            return self.value();
        }
        if self.word("await") {
            let inner = self.value()?;
            return Some(if self.style.has_promises { format!("{inner}?") } else { inner });
        }
        let mut path = self.head()?;
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.as_bytes() {
                [b'?', b'.', ..] if !self.style.has_try => self.skip(1),
                [b'!', b'!', ..] => self.skip(2),
                [b'!', b'.', ..] => self.skip(1),
                [b'?', ..] if self.style.has_try => {
                    self.skip(1);
                    path.push('?');
                }
                [b'.' | b':' | b'-', ..] => self.step(&mut path)?,
                _ => return Some(path),
            }
        }
    }

    /// Reads what the expression begins with.
    fn head(&mut self) -> Option<String> {
        if self.rest.starts_with('(') {
            let inside = self.group()?;
            self.depth += 1;
            if MAX_DEPTH < self.depth {
                return None;
            }
            let mut inner = Reader { rest: inside.trim(), depth: self.depth, ..*self };
            let path = inner.value()?;
            return inner.rest.is_empty().then_some(path);
        }
        if self.word("new") {
            let mut last = self.name()?;
            while self.rest.starts_with('.') {
                self.skip(1);
                last = self.name()?;
            }
            self.arguments_of_type()?;
            if self.rest.starts_with('(') {
                self.group()?;
            }
            return Some(format!("new {last}"));
        }
        let name = self.name()?;
        let is_own = matches!(name, "this" | "self") || self.own == Some(name);
        let mut path = if is_own { "this".to_owned() } else { name.to_owned() };
        self.called(&mut path)?;
        Some(path)
    }

    /// Reads a name behind a sign, and whether it is called.
    fn step(&mut self, path: &mut String) -> Option<()> {
        let sign = [".", "::", "->"].into_iter().find(|sign| self.rest.starts_with(sign))?;
        self.skip(sign.len());
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('<') {
            self.arguments_of_type()?;
            return self.calls(path);
        }
        if self.rest.starts_with('(') {
            // `value.(T)`
            let of = self.group()?.trim_start_matches('*').trim();
            let last = of.rsplit('.').next().unwrap_or(of);
            *path = format!("new {last}");
            return (!last.is_empty() && last.chars().all(is_part)).then_some(());
        }
        let name = self.name()?;
        if name == "await" {
            return Some(());
        }
        path.push('.');
        path.push_str(name);
        self.called(path)
    }

    /// Reads what tells that the name just read is called, or the literal of a type.
    fn called(&mut self, path: &mut String) -> Option<()> {
        self.arguments_of_type()?;
        let start = path.rfind('.').map_or(0, |dot| dot + 1);
        let is_type = path.get(start..).is_some_and(|name| name.starts_with(char::is_uppercase));
        if is_type && !self.style.has_blocks && self.is_at_block() {
            self.group()?;
            *path = format!("new {}", path.get(start..)?);
            return Some(());
        }
        self.calls(path)
    }

    fn calls(&mut self, path: &mut String) -> Option<()> {
        let is_called = self.rest.starts_with('(');
        if is_called {
            self.group()?;
        }
        let has_block = self.style.has_blocks && self.is_at_block();
        if has_block {
            self.group()?;
        }
        if is_called || has_block {
            path.push_str("()");
        }
        Some(())
    }

    /// Tells whether a `{` comes next, and goes there.
    fn is_at_block(&mut self) -> bool {
        let next = self.rest.trim_start();
        let is_block = next.starts_with('{');
        if is_block {
            self.rest = next;
        }
        is_block
    }

    /// Reads a word, if it stands here by itself.
    fn word(&mut self, word: &str) -> bool {
        let after = self.rest.strip_prefix(word).filter(|after| after.starts_with([' ', '\n', '\t']));
        if let Some(after) = after {
            self.rest = after.trim_start();
        }
        after.is_some()
    }

    fn name(&mut self) -> Option<&'t str> {
        let until = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(until)?;
        self.rest = rest;
        let is_name = name.chars().next().is_some_and(|first| !first.is_numeric());
        is_name.then_some(name)
    }

    /// Reads `<…>`, where there is one.
    fn arguments_of_type(&mut self) -> Option<()> {
        if self.rest.starts_with('<') {
            let mut depth = 0_u32;
            let until = self.rest.char_indices().find_map(|(at, c)| {
                depth = match c {
                    '<' => depth + 1,
                    '>' => depth.saturating_sub(1),
                    _ => depth,
                };
                let is_odd = !is_part(c) && !" <>,.:&'[]?".contains(c);
                (depth == 0 || is_odd).then_some((at, is_odd))
            });
            let (at, is_odd) = until?;
            if is_odd {
                return None;
            }
            self.skip(at + 1);
        }
        Some(())
    }

    /// Reads what stands between a bracket and the one that closes it.
    fn group(&mut self) -> Option<&'t str> {
        let mut depth = 0_u32;
        let mut quote = None;
        let mut is_escaped = false;
        for (at, c) in self.rest.char_indices() {
            match (quote, c) {
                _ if is_escaped => is_escaped = false,
                (Some(_), '\\') => is_escaped = true,
                (Some(open), _) if open == c => quote = None,
                (None, '"' | '`') => quote = Some(c),
                (None, '\'') if self.rest.get(at + 1..).is_some_and(closes_soon) => quote = Some(c),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
                (Some(_) | None, _) => {}
            }
            if depth == 0 && quote.is_none() && 0 < at {
                let inside = self.rest.get(1..at)?;
                self.skip(at + c.len_utf8());
                return Some(inside);
            }
        }
        None
    }

    fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or_default();
    }
}

/// Tells whether an apostrophe begins a text rather than a lifetime: it is closed before a sign that ends one.
fn closes_soon(after: &str) -> bool {
    let end = after.find(['\'', ',', '>', ')']);
    end.and_then(|end| after.get(end..)).is_some_and(|rest| rest.starts_with('\''))
        || after.starts_with([',', '>', ')'])
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, style: Style, want: Option<&str>) {
        assert_eq!(value(text, Some("s"), style).as_deref(), want, "{text}");
    }

    #[test]
    fn names_fields_and_calls_are_told_one_after_the_other() {
        let plain = Style::NONE;
        check("repo.users(\"a)\", x[1]).first", plain, Some("repo.users().first"));
        check("this.store.open()", plain, Some("this.store.open()"));
        check("new shop.Cart<Item>(1).total()", plain, Some("new Cart.total()"));
        check("(new Cart()).total()", plain, Some("new Cart.total()"));
        check("user?.name()\n    .trim()", plain, Some("user.name().trim()"));
        check("user!!.name", plain, Some("user.name"));
        check("Store.of<Cart>(f(1), { it })", plain, Some("Store.of()"));
        check("find('it\\'s', 'x')", plain, Some("find()"));
    }

    #[test]
    fn what_a_language_has_of_its_own_is_understood() {
        let go = Style::NONE;
        check("s.open().first", go, Some("this.open().first"));
        check("&Store{name: \"x\"}", go, Some("new Store"));
        check("&shop.Store{}", go, Some("new Store"));
        check("value.(*shop.Store)", go, Some("new Store"));
        let rust = Style { has_try: true, ..Style::NONE };
        check("Store::open(path)?.users().await?", rust, Some("Store.open()?.users()?"));
        check("self.all.iter::<Vec<u8>>()", rust, Some("this.all.iter()"));
        check("Store { name, rest: '}' }", rust, Some("new Store"));
        check("f::<'a>(&'a x, 'b')", rust, Some("f()"));
        let kotlin = Style { has_blocks: true, ..Style::NONE };
        check("users.filter { it.name == \"}\" }?.first(1) { 2 }", kotlin, Some("users.filter().first()"));
        let script = Style { has_promises: true, ..Style::NONE };
        check("(await this.api.user(1)).name", script, Some("this.api.user()?.name"));
        check("await load<User>()", script, Some("load()?"));
    }

    #[test]
    fn anything_else_is_not_told() {
        for text in [
            "",
            "a + b",
            "list[0].x",
            "\"text\".len()",
            "a ? b : c",
            "f(",
            "1.max(2)",
            "x => x",
            "if a { b }",
        ] {
            check(text, Style::NONE, None);
        }
        check(&format!("f({})", "x".repeat(500)), Style::NONE, None);
    }
}
