//! stub
/// w
pub struct Witness(pub String);
impl Witness {
    /// p
    pub fn path(&self) -> Option<&str> {
        Some(&self.0)
    }
}
/// i
pub struct SpecIndex(Vec<String>);
impl SpecIndex {
    /// n
    pub fn new(s: &[crate::PathSpec]) -> Self {
        Self(s.iter().map(|s| s.as_str().to_owned()).collect())
    }
    /// m
    pub fn meets(&self, t: &crate::PathSpec) -> Vec<(usize, Witness)> {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, s)| *s == t.as_str())
            .map(|(i, s)| (i, Witness(s.clone())))
            .collect()
    }
}
