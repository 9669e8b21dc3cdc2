//! Which of many files may hold a word, 64 files at a look.

use std::sync::Arc;

use gix::ObjectId;

use super::words::Words;

/// How many files one block stands for: the bits of a row.
const FILES: usize = 64;
/// How many rows a block has: a word's row is told by its hash. Of a file with 300 words, one row in fourteen has
/// its bit, so that of a word it lacks thirteen times in fourteen nothing has to be looked up.
const ROWS: usize = 4096;

/// Files with their words, in the order in which they came.
#[derive(Debug, Default)]
pub struct Blocks {
    files: Vec<(ObjectId, Arc<Words>)>,
    /// For each block and row the files that hold a word of that row.
    rows: Vec<Box<[u64]>>,
}

impl Blocks {
    /// Returns how many files there are.
    pub fn n_files(&self) -> usize {
        self.files.len()
    }

    /// Adds a file.
    pub fn push(&mut self, id: ObjectId, words: Arc<Words>) {
        let nth = self.files.len() % FILES;
        if nth == 0 {
            self.rows.push(vec![0; ROWS].into());
        }
        if let Some(rows) = self.rows.last_mut() {
            for word in words.iter() {
                if let Some(row) = rows.get_mut(row_of(word)) {
                    *row |= 1 << nth;
                }
            }
        }
        self.files.push((id, words));
    }

    /// Returns the files from the `from`th on that hold a word.
    pub fn holders(&self, word: u32, from: usize) -> impl Iterator<Item = ObjectId> {
        let row = row_of(word);
        let blocks = self.rows.iter().zip(self.files.chunks(FILES)).enumerate().skip(from / FILES);
        blocks.flat_map(move |(nth, (rows, files))| {
            let row = rows.get(row).copied().unwrap_or(0);
            let is_it = move |(idx, (_, words)): &(usize, &(ObjectId, Arc<Words>))| {
                row >> idx & 1 == 1 && nth * FILES + idx >= from && words.has(word)
            };
            let files = if row == 0 { &[] } else { files };
            files.iter().enumerate().filter(is_it).map(|(_, (id, _))| *id)
        })
    }
}

fn row_of(word: u32) -> usize {
    word as usize % ROWS
}

#[cfg(test)]
mod tests {
    use super::super::words::hash;
    use super::*;

    #[test]
    fn each_file_that_holds_a_word_is_found_and_no_other() {
        let mut blocks = Blocks::default();
        let id = |n: usize| ObjectId::from_hex(format!("{n:040x}").as_bytes()).unwrap();
        for n in 0..200 {
            let text = format!("shared own{n} {}", if n % 3 == 0 { "third" } else { "other" });
            blocks.push(id(n), Arc::new(Words::of(text.as_bytes())));
        }
        let holders = |word: &str, from| blocks.holders(hash(word.as_bytes()), from).collect::<Vec<_>>();
        assert_eq!(holders("own130", 0), [id(130)]);
        assert_eq!(holders("shared", 0).len(), blocks.n_files());
        assert_eq!(holders("third", 0), (0..200).step_by(3).map(id).collect::<Vec<_>>());
        assert_eq!(holders("third", 131), (132..200).step_by(3).map(id).collect::<Vec<_>>());
        assert!(holders("shared", 200).is_empty());
        assert!(holders("nowhere", 0).is_empty());
    }
}
