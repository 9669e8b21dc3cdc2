//! Full Unicode case folding: names that differ in case alone are one name to some file systems.

use std::iter;

use caseless::Caseless as _;

/// Folds a text.
pub(crate) fn fold(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(fold_char)
}

/// Folds one character, which may give up to three.
pub(crate) fn fold_char(c: char) -> Folded {
    let mut folded = Folded { chars: [None; 3], next: 0 };
    if c.is_ascii() {
        folded.chars = [Some(c.to_ascii_lowercase()), None, None];
        return folded;
    }
    for (place, c) in folded.chars.iter_mut().zip(iter::once(c).default_case_fold()) {
        *place = Some(c);
    }
    folded
}

/// What one character folds to.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    chars: [Option<char>; 3],
    next: usize,
}

impl Folded {
    /// Tells whether it is one character.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.chars, [Some(_), None, None])
    }
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.next).copied().flatten();
        self.next += 1;
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_goes_and_sharp_s_is_two() {
        assert_eq!(fold("Straße").collect::<String>(), "strasse");
        assert_eq!(fold("ΣΑΣ").collect::<String>(), "σασ");
        assert!(fold_char('Ä').is_single());
        assert!(!fold_char('ﬃ').is_single());
    }
}
