//! What a step must answer.

use serde_json::Value;

/// One thing that must hold of an answer.
#[derive(Debug, Clone)]
pub(super) enum Must {
    /// What stands at a JSON pointer is this.
    Be(&'static str, Value),
    /// The list at a JSON pointer has this many members.
    Count(&'static str, usize),
    /// The text at a JSON pointer says this somewhere.
    Say(&'static str, &'static str),
}

/// Returns what does not hold, in words.
pub(super) fn faults(musts: &[Must], answer: &Value) -> Vec<String> {
    musts.iter().filter_map(|must| fault(must, answer)).collect()
}

fn fault(must: &Must, answer: &Value) -> Option<String> {
    match must {
        Must::Be(pointer, want) => {
            let found = answer.pointer(pointer).unwrap_or(&Value::Null);
            (found != want).then(|| format!("{pointer} is {found} and must be {want}"))
        }
        Must::Count(pointer, want) => {
            let n_found = answer.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
            (n_found != *want).then(|| format!("{pointer} has {n_found} members and must have {want}"))
        }
        Must::Say(pointer, want) => {
            let found = answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            (!found.contains(want)).then(|| format!("{pointer} is {found:?} and must say {want:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_hold_is_said() {
        let answer = json!({ "status": "blocked", "files": ["a"] });
        let musts =
            [Must::Be("/status", json!("claimed")), Must::Count("/files", 1), Must::Say("/status", "lock")];
        assert_eq!(faults(&musts, &answer), ["/status is \"blocked\" and must be \"claimed\""]);
        assert_eq!(faults(&[Must::Count("/none", 1)], &answer), ["/none has 0 members and must have 1"]);
        let says = Must::Say("/status", "free");
        assert_eq!(faults(&[says], &answer), ["/status is \"blocked\" and must say \"free\""]);
    }
}
