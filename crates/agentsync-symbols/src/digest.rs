//! A hash of tokens that is the same on every machine (FNV-1a, 64 bits).

/// A hash in the making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(u64);

const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Adds one token.
    pub fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        // No byte of UTF-8 is 0xff, so `ab` `c` and `a` `bc` differ.
        self.0 = (self.0 ^ 0xff).wrapping_mul(PRIME);
    }

    /// Adds a hash.
    pub fn hash(&mut self, hash: u64) {
        let mixed = (self.0 ^ hash).wrapping_mul(PRIME);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// Returns the hash; never 0, which stands for nothing.
    pub fn finish(self) -> u64 {
        self.0.max(1)
    }
}
