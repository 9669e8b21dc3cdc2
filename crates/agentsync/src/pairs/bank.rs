//! Facts and words by blob: remembered, kept, or else read from the file.

use std::collections::HashMap;
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
/// How many files' facts are remembered at once.
const MANY: usize = 20_000;
/// How many files' words are learnt before they are written.
const FLUSH: usize = 20_000;

/// What is known of files.
#[derive(Debug)]
pub struct Bank {
    facts: HashMap<(ObjectId, Language), Arc<Facts>>,
    words: HashMap<ObjectId, Arc<Words>>,
    kept_facts: Kept,
    kept_words: Kept,
    n_fresh: usize,
    /// How many files were parsed so far.
    pub n_parsed: u32,
}

impl Bank {
    /// Opens what is kept in `dir`; without one, nothing is kept.
    pub fn open(dir: Option<&Path>) -> Bank {
        Bank {
            facts: HashMap::new(),
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
            return Ok(facts.clone());
        }
        let key = key(id, language);
        let kept = self.kept_facts.get(&key).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        let facts = if let Some(facts) = kept {
            Arc::new(facts)
        } else {
            let text = ground.blob(id, LARGE)?;
            self.learn(key, language, text.as_deref())
        };
        self.remember(id, language, facts.clone());
        Ok(facts)
    }

    fn learn(&mut self, key: Vec<u8>, language: Language, text: Option<&[u8]>) -> Arc<Facts> {
        let too_large = || Facts { left_out: Some(agentsync_core::facts::LeftOut::Huge), ..Facts::default() };
        let facts = text.map_or_else(too_large, |text| extract(language, text, &Limits::default()));
        self.n_parsed += 1;
        if let Ok(bytes) = postcard::to_stdvec(&facts) {
            self.kept_facts.put(key, bytes);
            self.n_fresh += 1;
        }
        Arc::new(facts)
    }

    fn remember(&mut self, id: ObjectId, language: Language, facts: Arc<Facts>) {
        if self.facts.len() >= MANY {
            self.facts.clear();
        }
        self.facts.insert((id, language), facts);
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
            self.kept_words.put(id.as_slice().to_vec(), words.to_bytes());
            self.n_fresh += 1;
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

fn key(id: ObjectId, language: Language) -> Vec<u8> {
    let mut key = id.as_slice().to_vec();
    key.push(language as u8);
    key.extend(EXTRACTOR_VERSION.to_le_bytes());
    key
}
