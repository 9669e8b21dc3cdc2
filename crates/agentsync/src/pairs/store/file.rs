//! One file of what is kept: how many values, each key with its value's place, length and check, then the values.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, IntoInnerError, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The first bytes of each file. A different way to write them gets a different number.
const MAGIC: &[u8; 16] = b"agentsync-kept3\n";

/// Where a value stands in a file.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Its first byte.
    pub offset: u64,
    /// How many bytes it has.
    pub len: u32,
    check: u32,
}

impl At {
    /// Returns the value, of its file's whole text, or `None` where that is damaged.
    pub fn of(self, text: &[u8]) -> Option<Vec<u8>> {
        let from = usize::try_from(self.offset).ok()?;
        let value = text.get(from..from.checked_add(usize::try_from(self.len).ok()?)?)?;
        (check(value) == self.check).then(|| value.to_vec())
    }

    /// Reads the value from its file; `None` where that is damaged.
    pub fn read(self, file: &mut File) -> Option<Vec<u8>> {
        let mut value = vec![0; usize::try_from(self.len).ok()?];
        file.seek(SeekFrom::Start(self.offset)).ok()?;
        file.read_exact(&mut value).ok()?;
        (check(&value) == self.check).then_some(value)
    }
}

/// A value that is to be written.
#[derive(Debug)]
pub enum Value<'a> {
    /// One that is new.
    Fresh(&'a [u8]),
    /// One of another file.
    Kept(&'a File, At),
}

impl Value<'_> {
    fn at(&self, offset: u64) -> At {
        match self {
            Value::Fresh(value) => {
                At { offset, len: u32::try_from(value.len()).unwrap_or(u32::MAX), check: check(value) }
            }
            Value::Kept(_, at) => At { offset, ..*at },
        }
    }

    fn write(&self, to: &mut impl std::io::Write) -> std::io::Result<()> {
        match self {
            Value::Fresh(value) => to.write_all(value),
            Value::Kept(file, at) => {
                let mut file = *file;
                file.seek(SeekFrom::Start(at.offset))?;
                let n_copied = std::io::copy(&mut file.take(u64::from(at.len)), to)?;
                match n_copied == u64::from(at.len) {
                    true => Ok(()),
                    false => Err(std::io::ErrorKind::UnexpectedEof.into()),
                }
            }
        }
    }
}

/// Writes a file whole and moves it into place, one value in memory at a time.
pub fn write(path: &Path, values: &[(&[u8], Value<'_>)]) -> std::io::Result<()> {
    let mut head = MAGIC.to_vec();
    head.extend(u32::try_from(values.len()).unwrap_or(u32::MAX).to_le_bytes());
    let n_head: usize = values.iter().map(|(key, _)| 1 + key.len() + 16).sum::<usize>() + head.len();
    let mut offset = n_head as u64;
    for (key, value) in values {
        let at = value.at(offset);
        head.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
        head.extend(*key);
        head.extend(at.offset.to_le_bytes());
        head.extend(at.len.to_le_bytes());
        head.extend(at.check.to_le_bytes());
        offset += u64::from(at.len);
    }
    let fresh = path.with_extension("part");
    let mut file = BufWriter::new(File::create(&fresh)?);
    let written =
        file.write_all(&head).and_then(|()| values.iter().try_for_each(|(_, value)| value.write(&mut file)));
    let written = written.and_then(|()| file.into_inner().map(drop).map_err(IntoInnerError::into_error));
    if written.is_err() {
        drop(fs::remove_file(&fresh));
    }
    written.and_then(|()| fs::rename(&fresh, path))
}

/// What a file holds, by key.
pub type Index = Vec<(Vec<u8>, At)>;

/// Opens a file and reads what it holds; `None` where it is none of ours, or damaged.
pub fn open(path: &Path) -> Option<(File, Index)> {
    let mut file = File::open(path).ok()?;
    let n_bytes = file.metadata().ok()?.len();
    let mut reader = BufReader::with_capacity(1 << 16, &mut file);
    let mut magic = [0; 16];
    reader.read_exact(&mut magic).ok()?;
    if &magic != MAGIC {
        return None;
    }
    let mut four = [0; 4];
    let mut eight = [0; 8];
    reader.read_exact(&mut four).ok()?;
    let n_values = u32::from_le_bytes(four);
    let mut index = Vec::new();
    for _ in 0..n_values {
        let mut len = [0];
        reader.read_exact(&mut len).ok()?;
        let mut key = vec![0; usize::from(*len.first()?)];
        reader.read_exact(&mut key).ok()?;
        reader.read_exact(&mut eight).ok()?;
        let offset = u64::from_le_bytes(eight);
        reader.read_exact(&mut four).ok()?;
        let len = u32::from_le_bytes(four);
        reader.read_exact(&mut four).ok()?;
        if offset.checked_add(u64::from(len))? > n_bytes {
            return None;
        }
        index.push((key, At { offset, len, check: u32::from_le_bytes(four) }));
    }
    drop(reader);
    Some((file, index))
}

/// Returns a number that another value hardly has, eight bytes at a step.
fn check(value: &[u8]) -> u32 {
    let (words, rest) = value.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let words = words.iter().chain(std::iter::once(&last)).map(|word| u64::from_le_bytes(*word));
    let sum = words.fold(value.len() as u64, |sum, word| {
        (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    u32::try_from(sum >> 32).unwrap_or_default()
}
