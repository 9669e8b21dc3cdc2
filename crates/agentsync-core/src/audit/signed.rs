//! What a commit's signature says of its author.

use serde::{Deserialize, Serialize};

/// What was found when a commit's signature was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signature {
    /// There is none.
    Missing,
    /// It was made with a key of this principal.
    By(String),
    /// It is none that counts.
    Invalid {
        /// Why.
        why: String,
    },
}

/// How much a commit's author can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// It was signed with a key of the agent it speaks for.
    Verified,
    /// It was not signed.
    Unsigned,
    /// It was signed by somebody else, or with a key that nobody vouches for.
    Bad,
}

impl Standing {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Verified => "verified",
            Standing::Unsigned => "unsigned",
            Standing::Bad => "bad",
        }
    }
}

impl Signature {
    /// Judges the signature of a commit that speaks for `agent`; `None` for one that speaks for nobody,
    /// which any principal may have made.
    pub fn standing(&self, agent: Option<&str>) -> Standing {
        match self {
            Signature::Missing => Standing::Unsigned,
            Signature::Invalid { .. } => Standing::Bad,
            Signature::By(principal) => {
                match agent.is_none_or(|agent| agent.eq_ignore_ascii_case(principal)) {
                    true => Standing::Verified,
                    false => Standing::Bad,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_agents_own_key_speaks_for_it() {
        let by = |name: &str| Signature::By(name.to_owned());
        assert_eq!(by("alice").standing(Some("Alice")), Standing::Verified);
        assert_eq!(by("bob").standing(Some("alice")), Standing::Bad);
        assert_eq!(by("bob").standing(None), Standing::Verified);
        assert_eq!(Signature::Missing.standing(Some("alice")), Standing::Unsigned);
        assert_eq!(Signature::Invalid { why: String::new() }.standing(None), Standing::Bad);
    }
}
