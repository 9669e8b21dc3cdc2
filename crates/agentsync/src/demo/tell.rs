//! Tells the day to a person.

use serde_json::Value;

use super::script::{Call, Event, Scene, Work};
use super::stage::Stage;
use crate::cli::page::Look;

/// Tells, or keeps silent.
pub(super) struct Teller {
    /// Say nothing: the transcript says it all.
    pub(super) is_silent: bool,
    /// The width of the page.
    pub(super) width: usize,
}

impl Teller {
    fn write(&self, tell: impl FnOnce(&mut crate::cli::page::Page)) -> String {
        if self.is_silent {
            return String::new();
        }
        let mut page = self.page();
        tell(&mut page);
        page.into_text()
    }

    pub(super) fn opening(&self, stage: &Stage) -> String {
        self.write(|page| {
            page.headed(Look::Strong, "agentsync demo", "a working day of three agents on one repository");
            page.item(
                2,
                Look::Faint,
                "A bare git remote, three clones and two `agentsync mcp` servers, all real, in the folder",
            );
            page.item(2, Look::Faint, &stage.root().display().to_string());
            page.item(2, Look::Faint, "Answers are shortened here; `agentsync demo --json` has them whole.");
        })
    }

    pub(super) fn title(&self, scene: &Scene) -> String {
        self.write(|page| {
            page.line(Look::Plain, "");
            page.line(Look::Strong, scene.title);
            page.item(2, Look::Plain, scene.story);
        })
    }

    pub(super) fn work(&self, work: &Work) -> String {
        self.write(|page| page.hanging(2, Look::Faint, work.agent, work.what))
    }

    pub(super) fn call(&self, call: &Call, answer: &Value, faults: &[String]) -> String {
        self.write(|page| {
            page.hanging(
                2,
                Look::Strong,
                call.agent,
                &format!("{}({})", call.tool, arguments(&call.arguments)),
            );
            for pointer in &call.shows {
                if let Some(value) = answer.pointer(pointer) {
                    let name = pointer.trim_start_matches('/').replace('/', ".");
                    page.hanging(8, look(value), "→", &format!("{name}: {}", compact(value)));
                }
            }
            for fault in faults {
                page.item(8, Look::Bad, &format!("✗ {fault}"));
            }
            if let Some(error) = answer.get("error").filter(|_| !faults.is_empty()) {
                page.item(8, Look::Bad, &compact(error));
            }
        })
    }

    pub(super) fn install(&self, agent: &str) -> String {
        let what = "runs `agentsync install claude-code` once, and never thinks of it again";
        self.write(|page| page.hanging(2, Look::Faint, agent, what))
    }

    pub(super) fn event(&self, event: &Event, answer: &Value, faults: &[String]) -> String {
        self.write(|page| {
            page.hanging(2, Look::Strong, event.agent, event.what);
            let reason = answer.pointer("/hookSpecificOutput/permissionDecisionReason");
            match (reason.and_then(Value::as_str), answer) {
                (Some(reason), _) => {
                    page.hanging(8, Look::Bad, "→", "refused before anything was written:");
                    for line in reason.lines() {
                        page.item(10, Look::Plain, line);
                    }
                }
                (None, Value::Object(fields)) if fields.is_empty() => {
                    page.hanging(8, Look::Good, "→", "{} (nothing stands in the way)");
                }
                _ => page.hanging(8, Look::Plain, "→", "is told, before its first word:"),
            }
            let told = answer.pointer("/hookSpecificOutput/additionalContext").and_then(Value::as_str);
            for line in told.into_iter().flat_map(str::lines).take(4) {
                page.item(10, Look::Plain, line);
            }
            for fault in faults {
                page.item(8, Look::Bad, &format!("✗ {fault}"));
            }
        })
    }

    pub(super) fn kept(&self, stage: &Stage) -> String {
        self.write(|page| {
            page.gap();
            page.line(Look::Plain, &format!("Kept: {}", stage.root().display()));
        })
    }

    pub(super) fn ending(&self, is_good: bool) -> String {
        self.write(|page| {
            page.line(Look::Plain, "");
            match is_good {
                true => page.headed(Look::Good, "✓", "every step answered as it must"),
                false => page.headed(Look::Bad, "✗", "a step did not answer as it must"),
            }
            page.item(2, Look::Faint, "In your own repository: `agentsync init`, then `agentsync survey`");
        })
    }
}

/// Writes arguments as a call has them: `task="…", touches=["…"]`.
fn arguments(arguments: &Value) -> String {
    let named = arguments.as_object().into_iter().flatten();
    named.map(|(name, value)| format!("{name}={}", compact(value))).collect::<Vec<_>>().join(", ")
}

/// Writes a value with spaces where lines may break.
fn compact(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", compact(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn look(value: &Value) -> Look {
    match value.as_str() {
        Some("blocked") => Look::Bad,
        Some("claimed" | "finished" | "updated" | "posted") => Look::Good,
        _ => Look::Plain,
    }
}
