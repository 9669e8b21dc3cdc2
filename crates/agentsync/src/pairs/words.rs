//! Which words stand in which file: a cheap first answer to "is this name used anywhere?".
//!
//! A file's words are the hashes of all that looks like an identifier, in code, comments and strings
//! alike, in whatever language. Where a word is missing the name is surely not used; where it stands
//! the file's facts tell.

/// Words of a file, as sorted hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<u32>);

impl Words {
    /// Reads the words of a text.
    pub fn of(text: &[u8]) -> Words {
        let mut hashes: Vec<u32> = Vec::with_capacity(text.len() / 24);
        let mut rest = text;
        let mut before: &[u8] = b"";
        while let Some(start) = rest.iter().position(|byte| is_word(*byte)) {
            let from = rest.get(start..).unwrap_or_default();
            let len = from.iter().position(|byte| !is_word(*byte)).unwrap_or(from.len());
            let (word, after) = from.split_at(len);
            if !word.first().is_some_and(u8::is_ascii_digit) && len > 1 {
                hashes.push(hash(word));
                if TYPE_WORDS.contains(&before) {
                    hashes.push(hash_of_type(word));
                }
            }
            before = word;
            rest = after;
        }
        hashes.sort_unstable();
        hashes.dedup();
        Words(hashes)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Words {
        Words(bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect())
    }

    /// Returns the words as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Returns the hashes of all words, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// Tells whether a word with this hash is among them.
    pub fn has(&self, word: u32) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Words before the name of a type where it is defined, in one language or another.
const TYPE_WORDS: [&[u8]; 11] = [
    b"class",
    b"interface",
    b"enum",
    b"record",
    b"object",
    b"struct",
    b"trait",
    b"type",
    b"union",
    b"protocol",
    b"actor",
];

/// Returns the hash by which a type's definition is known.
pub fn hash_of_type(name: &[u8]) -> u32 {
    hash(name).rotate_left(7) ^ 0x5bd1_e995
}

/// Returns the hash by which a word is known.
pub fn hash(word: &[u8]) -> u32 {
    // FNV-1a, folded: a word that collides costs one look at a file too many.
    let wide = word.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folded = (wide >> 32) ^ (wide & 0xffff_ffff);
    u32::try_from(folded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_being_kept() {
        let words = Words::of(b"fn renew_session(x: u32) -> Session { \"spoken word\" } // note");
        let kept = Words::from_bytes(&words.to_bytes());
        assert_eq!(kept, words);
        for word in ["renew_session", "Session", "spoken", "note"] {
            assert!(kept.has(hash(word.as_bytes())), "{word}");
        }
        assert!(!kept.has(hash(b"renew")));
    }
}
