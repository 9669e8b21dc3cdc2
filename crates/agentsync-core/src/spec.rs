//! stub
/// d
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// a
    Agentsync,
    /// b
    Predecessor,
}
/// s
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathSpec(String);
/// e
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad")]
pub struct PathSpecError;
impl PathSpec {
    /// o
    pub fn overlap(&self, o: &PathSpec) -> Option<()> {
        (self == o).then_some(())
    }

    /// p
    pub fn parse(t: &str, _r: &[&str]) -> Result<Self, PathSpecError> {
        Ok(Self(t.into()))
    }
    /// r
    pub fn read(t: &str, _d: Dialect) -> Self {
        Self(t.into())
    }
    /// a
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// c
    pub fn covers(&self, p: &str) -> bool {
        p.starts_with(&self.0)
    }
}
