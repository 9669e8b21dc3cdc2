//! Reads JSON that must not be ambiguous: no key twice at any level, and no deeper than a limit.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How deep a document may nest.
const MAX_DEPTH: usize = 32;

/// Checks a text to be one JSON value without duplicate keys, nested at most 32 deep.
///
/// serde's maps keep the last of two equal keys in silence: a claim would vanish.
pub fn check(text: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Level(0).deserialize(&mut deserializer)?;
    deserializer.end()
}

struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            0..=MAX_DEPTH => deserializer.deserialize_any(self),
            _ => Err(Error::custom(format_args!("nested more than {MAX_DEPTH} deep"))),
        }
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(Level(self.0 + 1))?;
            if let Some(twice) = seen.replace(key) {
                return Err(Error::custom(format_args!(
                    "the key `{}` stands there twice",
                    twice.escape_debug()
                )));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Level(self.0 + 1))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, want: &str) {
        let got = check(text).map_err(|err| err.to_string());
        assert!(got.as_ref().is_err_and(|err| err.contains(want)), "{text}: {got:?}");
    }

    #[test]
    fn r_21_a_key_that_stands_twice_is_refused_at_every_level() {
        check_refused(r#"{"a":1,"a":2}"#, "the key `a` stands there twice");
        check_refused(r#"{"x":[{"a":{"b":1,"b":2}}]}"#, "the key `b` stands there twice");
        check_refused(r#"{"a":1,"\u0061":2}"#, "the key `a` stands there twice");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        check_refused(&"[".repeat(40), "nested more than 32 deep");
        check_refused(r#"{"a":1"#, "EOF");
        check_refused("{} {}", "trailing");
        check_refused("\u{feff}{}", "expected value");
        assert!(check(r#"{"a":[1,-2,3.5,null,true,"x",{}],"n":123456789012345678901234567890}"#).is_ok());
    }
}
