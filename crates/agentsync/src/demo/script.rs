//! The day itself: who does what, and what must come of it.

use serde_json::{Value, json};

use super::DemoError;
use super::checks::Must::{self, Be, Count, Say};
use super::stage::Stage;

/// A part of the day.
pub(super) struct Scene {
    /// Its title.
    pub(super) title: &'static str,
    /// What it is about.
    pub(super) story: &'static str,
    /// What happens.
    pub(super) acts: Vec<Act>,
}

/// One thing that happens.
pub(super) enum Act {
    /// An agent works with git, as everybody does.
    Work(Work),
    /// An agent calls a tool.
    Call(Call),
    /// A person installs the hooks of a client.
    Install(&'static str),
    /// A client fires a hook.
    Event(Event),
}

/// Work with git.
pub(super) struct Work {
    /// Whose.
    pub(super) agent: &'static str,
    /// What, in words.
    pub(super) what: &'static str,
    /// What, in deeds.
    pub(super) does: fn(&Stage) -> Result<(), DemoError>,
}

/// A call of a tool.
pub(super) struct Call {
    /// Whose.
    pub(super) agent: &'static str,
    /// Which tool.
    pub(super) tool: &'static str,
    /// With what.
    pub(super) arguments: Value,
    /// Which parts of the answer are told, as JSON pointers.
    pub(super) shows: Vec<&'static str>,
    /// What must hold of it.
    pub(super) must: Vec<Must>,
}

/// Something that happens in a client, in the words of Claude Code.
pub(super) struct Event {
    /// Whose client it is.
    pub(super) agent: &'static str,
    /// What happens, in words.
    pub(super) what: &'static str,
    /// The event.
    pub(super) name: &'static str,
    /// What the client says besides.
    pub(super) more: Value,
    /// What must hold of the answer.
    pub(super) must: Vec<Must>,
}

impl Event {
    /// Returns an event of which nothing is told.
    pub(super) fn quiet(agent: &'static str, name: &'static str) -> Event {
        Event { agent, what: "", name, more: json!({}), must: Vec::new() }
    }
}

fn call(
    agent: &'static str,
    tool: &'static str,
    arguments: Value,
    shows: &[&'static str],
    must: Vec<Must>,
) -> Act {
    Act::Call(Call { agent, tool, arguments, shows: shows.to_vec(), must })
}

fn work(agent: &'static str, what: &'static str, does: fn(&Stage) -> Result<(), DemoError>) -> Act {
    Act::Work(Work { agent, what, does })
}

/// Returns the day, from morning to evening.
pub(super) fn day() -> Vec<Scene> {
    vec![
        morning(),
        blocked(),
        narrowed(),
        at_work(),
        collision(),
        settled(),
        finished(),
        taken_up(),
        kept_off(),
        shown(),
        evening(),
    ]
}

fn morning() -> Scene {
    Scene {
        title: "1  Alice looks, then claims",
        story: "The board is empty. She takes the whole folder src/auth.",
        acts: vec![
            call(
                "alice",
                "survey",
                json!({}),
                &["/partners", "/next"],
                vec![Be("/partners", json!({})), Be("/my_claim", Value::Null)],
            ),
            call(
                "alice",
                "claim",
                json!({ "task": "rotate session tokens", "touches": ["src/auth"], "branch": "alice/tokens" }),
                &["/status", "/claim/touches", "/claim/generation"],
                vec![Be("/status", json!("claimed")), Be("/claim/touches", json!(["src/auth"]))],
            ),
        ],
    }
}

fn blocked() -> Scene {
    let touches = json!(["src/auth/login.py", "src/api/limits.py"]);
    Scene {
        title: "2  Bob wants a file that is hers",
        story: "He learns it before he has written a line: who, why, and what he can have instead.",
        acts: vec![
            call(
                "bob",
                "survey",
                json!({}),
                &["/partners/alice/task", "/partners/alice/touches", "/partners/alice/branch"],
                vec![Be("/partners/alice/task", json!("rotate session tokens"))],
            ),
            call(
                "bob",
                "claim",
                json!({ "task": "rate-limit the login", "touches": touches, "branch": "bob/limits" }),
                &["/status", "/message", "/conflicts/alice/reasons/0/files", "/free_slice", "/next"],
                vec![
                    Be("/status", json!("blocked")),
                    Be("/conflicts/alice/reasons/0/type", json!("shared_files")),
                    Be("/free_slice", json!(["src/api/limits.py"])),
                ],
            ),
        ],
    }
}

fn narrowed() -> Scene {
    Scene {
        title: "3  He takes the free part, and leaves her a note",
        story: "Nobody has to be online at the same time: the note waits on the branch.",
        acts: vec![
            call(
                "bob",
                "claim",
                json!({ "task": "rate-limit the login", "touches": ["src/api/limits.py"], "branch": "bob/limits" }),
                &["/status", "/claim/touches"],
                vec![Be("/status", json!("claimed"))],
            ),
            call(
                "bob",
                "mailbox",
                json!({ "message": "I need three lines in login.py when you are done", "to": "alice" }),
                &["/status"],
                vec![Be("/status", json!("posted"))],
            ),
            call(
                "alice",
                "mailbox",
                json!({}),
                &["/notes/0/from", "/notes/0/message"],
                vec![Be("/notes/0/from", json!("bob"))],
            ),
        ],
    }
}

fn at_work() -> Scene {
    Scene {
        title: "4  Both work on their branches",
        story: "And both change a line of config/settings.toml, which neither has claimed.",
        acts: vec![
            work(
                "alice",
                "commits src/auth/tokens.py and config/settings.toml, pushes alice/tokens",
                |stage| {
                    stage.branch("alice", "alice/tokens")?;
                    stage.write("alice", "src/auth/tokens.py", "LIFETIME = 900\nROTATE = True\n")?;
                    stage.write("alice", "config/settings.toml", "[session]\nttl = 900\n")?;
                    stage.commit("alice", "Rotate session tokens")?;
                    stage.git("alice", &["push", "--quiet", "-u", "origin", "alice/tokens"])
                },
            ),
            work(
                "bob",
                "commits src/api/limits.py; config/settings.toml is not even committed yet",
                |stage| {
                    stage.branch("bob", "bob/limits")?;
                    stage.write("bob", "src/api/limits.py", "LIMITS = {\"login\": 5}\n")?;
                    stage.commit("bob", "Limit logins")?;
                    stage.write("bob", "config/settings.toml", "[session]\nttl = 3600  # see LIMITS\n")
                },
            ),
        ],
    }
}

fn collision() -> Scene {
    Scene {
        title: "5  Bob checks before he pushes",
        story: "The claims do not meet, the work does: a trial merge of what he really has, uncommitted changes \
                included, out of sight of his repository.",
        acts: vec![call(
            "bob",
            "check_conflicts",
            json!({}),
            &[
                "/my_tip/source",
                "/results/0/partner",
                "/results/0/merge_conflict/conflict",
                "/results/0/merge_conflict/files",
                "/next",
            ],
            vec![
                Be("/my_tip/source", json!("worktree")),
                Be("/results/0/claim_overlap", json!([])),
                Be("/results/0/merge_conflict/conflict", json!(true)),
                Be("/results/0/merge_conflict/files", json!(["config/settings.toml"])),
            ],
        )],
    }
}

fn settled() -> Scene {
    Scene {
        title: "6  He settles it now, while it is one line",
        story: "He merges her branch into his and checks again.",
        acts: vec![
            work(
                "bob",
                "commits, merges origin/alice/tokens, keeps both lines, pushes bob/limits",
                |stage| {
                    stage.commit("bob", "Explain the limit")?;
                    let both = "[session]\nttl = 900  # see LIMITS\n";
                    stage.merge("bob", "origin/alice/tokens", "config/settings.toml", both)?;
                    stage.git("bob", &["push", "--quiet", "-u", "origin", "bob/limits"])
                },
            ),
            call(
                "bob",
                "check_conflicts",
                json!({}),
                &["/my_tip/source", "/results/0/merge_conflict/conflict"],
                vec![Be("/results/0/merge_conflict/conflict", json!(false))],
            ),
        ],
    }
}

fn finished() -> Scene {
    Scene {
        title: "7  Alice finishes",
        story: "On GitHub this opens her pull request. This remote is a folder, so it says that it cannot, and marks \
                the claim done with what the branch changed.",
        acts: vec![call(
            "alice",
            "finish",
            json!({ "note": "tokens rotate every 15 minutes" }),
            &["/status", "/claim/status", "/claim/changed_files", "/warning"],
            vec![
                Be("/status", json!("finished")),
                Be("/claim/status", json!("done")),
                Count("/claim/changed_files", 2),
            ],
        )],
    }
}

fn taken_up() -> Scene {
    Scene {
        title: "8  Now login.py is free",
        story: "The claim that was refused in the morning is granted.",
        acts: vec![call(
            "bob",
            "claim",
            json!({
                "task": "rate-limit the login",
                "touches": ["src/auth/login.py", "src/api/limits.py"],
                "branch": "bob/limits",
            }),
            &["/status", "/claim/touches", "/claim/generation"],
            vec![Be("/status", json!("claimed"))],
        )],
    }
}

fn kept_off() -> Scene {
    const REASON: &str = "/hookSpecificOutput/permissionDecisionReason";
    let edit = json!({ "file_path": "src/auth/login.py", "old_string": "check(", "new_string": "verify(" });
    let shell = json!({ "command": "sed -i 's/check(/verify(/' src/auth/login.py" });
    let before = |what, tool: &str, input| {
        Act::Event(Event {
            agent: "carol",
            what,
            name: "PreToolUse",
            more: json!({ "tool_name": tool, "tool_input": input }),
            must: vec![
                Be("/hookSpecificOutput/permissionDecision", json!("deny")),
                Say(REASON, "src/auth/login.py is claimed by bob"),
            ],
        })
    };
    Scene {
        title: "9  Carol's agent has never heard of agentsync",
        story: "It calls no tool and claims nothing. Her client has the hooks, and Bob's file holds.",
        acts: vec![
            Act::Install("carol"),
            Act::Event(Event {
                what: "her client begins a session",
                more: json!({ "source": "startup" }),
                must: vec![Say("/hookSpecificOutput/additionalContext", "src/auth/login.py")],
                ..Event::quiet("carol", "SessionStart")
            }),
            before("the agent edits src/auth/login.py", "Edit", edit),
            before("so it tries the shell: sed -i 's/check(/verify(/' src/auth/login.py", "Bash", shell),
        ],
    }
}

fn shown() -> Scene {
    let input = json!({ "file_path": "src/auth/tokens.py", "content": "LIFETIME = 60\n" });
    Scene {
        title: "10  And what it does edit shows on everybody's board",
        story: "Nobody holds tokens.py any more. The edit itself claims it, before it is written.",
        acts: vec![
            Act::Event(Event {
                what: "the agent writes src/auth/tokens.py",
                more: json!({ "tool_name": "Write", "tool_input": input }),
                must: vec![Be("", json!({}))],
                ..Event::quiet("carol", "PreToolUse")
            }),
            work("carol", "the file is written", |stage| {
                stage.write("carol", "src/auth/tokens.py", "LIFETIME = 60\n")
            }),
            call(
                "bob",
                "survey",
                json!({}),
                &["/partners/carol/task", "/partners/carol/touches"],
                vec![Be("/partners/carol/touches", json!(["src/auth/tokens.py"]))],
            ),
        ],
    }
}

fn evening() -> Scene {
    Scene {
        title: "11  What happened today",
        story: "Every change of the board is a commit of the branch `agentsync`; nothing else was needed.",
        acts: vec![call(
            "alice",
            "history",
            json!({ "limit": 5 }),
            &["/events/0/event", "/events/1/event", "/events/2/event", "/events/3/event", "/events/4/event"],
            vec![Be("/count", json!(5)), Be("/events/0/by", json!("demo"))],
        )],
    }
}
