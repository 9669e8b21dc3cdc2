//! Facts and words by blob: remembered, kept, or else read from the file.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use agentsync_core::facts::{Facts, Language};
use agentsync_symbols::{EXTRACTOR_VERSION, Limits, extract};
use gix::ObjectId;

use super::ground::Ground;
use super::store::Kept;
use super::words::Words;
use crate::app::ports::PairError;

/// Larger files are not read.
const LARGE: u64 = 4 * 1024 * 1024;
/// How many bytes of facts, as they are kept, are remembered at once, at least; at most twice as many.
const MANY: usize = 32 << 20;
/// How many bytes are learnt before they are written.
const FLUSH: usize = 32 << 20;

/// What is known of files.
#[derive(Debug)]
pub struct Bank {
    facts: Recent<(ObjectId, Language), Arc<Facts>>,
    words: HashMap<ObjectId, Arc<Words>>,
    kept_facts: Kept,
    kept_words: Kept,
    /// How many bytes were learnt and not written yet.
    n_fresh: usize,
    /// How many files were parsed so far.
    pub n_parsed: u32,
}

impl Bank {
    /// Opens what is kept in `dir`; without one, nothing is kept.
    pub fn open(dir: Option<&Path>) -> Bank {
        Bank {
            facts: Recent::default(),
            words: HashMap::new(),
            kept_facts: Kept::open(dir, "facts"),
            kept_words: Kept::open(dir, "words"),
            n_fresh: 0,
            n_parsed: 0,
        }
    }

    /// Returns the facts of a blob.
    pub fn facts(
        &mut self,
        ground: &Ground,
        id: ObjectId,
        language: Language,
    ) -> Result<Arc<Facts>, PairError> {
        if let Some(facts) = self.facts.get(&(id, language)) {
            return Ok(facts);
        }
        let key = key(id, language);
        let kept = self.kept_facts.get(&key);
        let known = kept.and_then(|kept| Some((Arc::new(postcard::from_bytes(&kept).ok()?), kept.len())));
        let (facts, n_bytes) = match known {
            Some(known) => known,
            None => self.learn(key, language, ground.blob(id, LARGE)?.as_deref()),
        };
        self.facts.put((id, language), facts.clone(), n_bytes);
        Ok(facts)
    }

    /// Reads the facts off a text, and tells how many bytes they are.
    fn learn(&mut self, key: Vec<u8>, language: Language, text: Option<&[u8]>) -> (Arc<Facts>, usize) {
        let too_large = || Facts { left_out: Some(agentsync_core::facts::LeftOut::Huge), ..Facts::default() };
        let facts = text.map_or_else(too_large, |text| extract(language, text, &Limits::default()));
        self.n_parsed += 1;
        let bytes = postcard::to_stdvec(&facts).unwrap_or_default();
        let n_bytes = bytes.len();
        self.n_fresh += n_bytes;
        self.kept_facts.put(key, bytes);
        (Arc::new(facts), n_bytes)
    }

    /// Remembers at once what is kept of the words of many blobs.
    pub fn recall_words(&mut self, ids: &[ObjectId]) {
        let fresh: Vec<&ObjectId> = ids.iter().filter(|id| !self.words.contains_key(*id)).collect();
        let kept = self.kept_words.get_many(fresh.iter().map(|id| id.as_slice()));
        let kept = fresh.into_iter().zip(kept).filter_map(|(id, kept)| Some((*id, kept?)));
        self.words.extend(kept.map(|(id, kept)| (id, Arc::new(Words::from_bytes(&kept)))));
    }

    /// Returns the words of a blob.
    pub fn words(&mut self, ground: &Ground, id: ObjectId) -> Result<Arc<Words>, PairError> {
        if let Some(words) = self.words.get(&id) {
            return Ok(words.clone());
        }
        let words = if let Some(kept) = self.kept_words.get(id.as_slice()) {
            Arc::new(Words::from_bytes(&kept))
        } else {
            let text = ground.blob(id, LARGE)?.unwrap_or_default();
            let words = Words::of(&text);
            let bytes = words.to_bytes();
            self.n_fresh += bytes.len();
            self.kept_words.put(id.as_slice().to_vec(), bytes);
            Arc::new(words)
        };
        self.words.insert(id, words.clone());
        Ok(words)
    }

    /// Writes what was learnt, if it is worth it.
    pub fn flush_some(&mut self) {
        if self.n_fresh >= FLUSH {
            self.flush();
        }
    }

    /// Writes what was learnt.
    pub fn flush(&mut self) {
        self.kept_facts.flush();
        self.kept_words.flush();
        self.n_fresh = 0;
    }
}

/// Values in use: those that nobody asked for while [`MANY`] bytes came in are dropped.
#[derive(Debug)]
struct Recent<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    n_young_bytes: usize,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Recent<K, V> {
        Recent { young: HashMap::new(), old: HashMap::new(), n_young_bytes: 0 }
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    fn get(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, n_bytes)) = self.old.remove_entry(key)?;
        self.put(key, value.clone(), n_bytes);
        Some(value)
    }

    fn put(&mut self, key: K, value: V, n_bytes: usize) {
        if self.n_young_bytes >= MANY {
            self.old = std::mem::take(&mut self.young);
            self.n_young_bytes = 0;
        }
        self.n_young_bytes += n_bytes;
        self.young.insert(key, (value, n_bytes));
    }
}

fn key(id: ObjectId, language: Language) -> Vec<u8> {
    let mut key = id.as_slice().to_vec();
    key.push(language as u8);
    key.extend(EXTRACTOR_VERSION.to_le_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut recent = Recent::default();
        for n in 0..40 {
            assert_eq!(recent.get(&0), (n > 0).then_some(0), "{n}");
            recent.put(n, n, MANY / 10);
        }
        assert_eq!(recent.get(&39), Some(39));
        assert_eq!(recent.get(&3), None);
        assert!(recent.young.len() + recent.old.len() <= 22);
    }
}
