//! A working day of three agents, played for real: a bare remote, three clones, two MCP servers, and a
//! client whose agent calls no tool but has its hooks.
//!
//! It drives the program from the outside, as a client would, and knows nothing of its inside.

mod actor;
mod checks;
mod client;
mod script;
mod stage;
mod tell;

use serde_json::{Value, json};
use thiserror::Error;

use self::actor::Actor;
use self::script::{Call, Scene};
use self::stage::Stage;
use self::tell::Teller;
use crate::cli::page::Page;
use crate::git::command::GitError;

/// How the demo is played.
#[derive(Debug, Clone, Copy)]
pub struct DemoOptions {
    /// Leave the folders when it is over.
    pub keeps: bool,
    /// Hand over the whole transcript instead of telling it.
    pub is_json: bool,
    /// How wide the page is.
    pub width: usize,
}

/// Why the demo could not be played to its end.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A folder or file could not be made.
    #[error("cannot make `{path}`: {source}")]
    Folder {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Git could not do its part.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A server could not be started or talked to.
    #[error("the MCP server of {agent} {what}: {detail}")]
    Server {
        /// Whose.
        agent: &'static str,
        /// What it did.
        what: &'static str,
        /// What was said.
        detail: String,
    },
    /// A hook, or what installs it, did not do its part.
    #[error("the hook of {agent} {what}: {detail}")]
    Hook {
        /// Whose.
        agent: &'static str,
        /// What it did.
        what: &'static str,
        /// What was said.
        detail: String,
    },
}

/// What a demo came to.
#[derive(Debug)]
pub struct Played {
    /// Whether every step answered as it must.
    pub is_good: bool,
    /// All that was called and answered.
    pub transcript: Value,
}

/// Plays the day; `write` is given the story piece by piece, as it happens.
pub fn play(options: DemoOptions, write: &mut dyn FnMut(&str)) -> Result<Played, DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| DemoError::Folder { path: "a runtime".to_owned(), source })?;
    let mut stage = Stage::set()?;
    let teller = Teller { is_silent: options.is_json, width: options.width };
    write(&teller.opening(&stage));
    let played = runtime.block_on(play_on(&stage, &teller, write));
    if options.keeps {
        stage.keep();
        write(&teller.kept(&stage));
    } else {
        runtime.block_on(stage.clear());
    }
    let (is_good, steps) = played?;
    write(&teller.ending(is_good));
    Ok(Played { is_good, transcript: json!({ "ok": is_good, "steps": steps }) })
}

async fn play_on(
    stage: &Stage,
    teller: &Teller,
    write: &mut dyn FnMut(&str),
) -> Result<(bool, Vec<Value>), DemoError> {
    let actors = [Actor::enter("alice", stage).await?, Actor::enter("bob", stage).await?];
    let mut steps = Vec::new();
    let mut is_good = true;
    for scene in script::day() {
        write(&teller.title(&scene));
        for act in &scene.acts {
            match act {
                script::Act::Work(work) => {
                    (work.does)(stage)?;
                    write(&teller.work(work));
                    steps.push(json!({ "scene": scene.title, "agent": work.agent, "work": work.what }));
                }
                script::Act::Install(agent) => {
                    client::install(stage, agent).await?;
                    write(&teller.install(agent));
                    steps.push(json!({ "scene": scene.title, "agent": agent, "work": "installs the hooks" }));
                }
                script::Act::Event(event) => {
                    let answer = client::fire(stage, event).await?;
                    let faults = checks::faults(&event.must, &answer);
                    is_good &= faults.is_empty();
                    write(&teller.event(event, &answer, &faults));
                    steps.push(json!({
                        "scene": scene.title, "agent": event.agent, "event": event.name, "input": event.more,
                        "answer": answer, "ok": faults.is_empty(), "faults": faults,
                    }));
                }
                script::Act::Call(call) => {
                    let answer = perform(&actors, call).await?;
                    let faults = checks::faults(&call.must, &answer);
                    is_good &= faults.is_empty();
                    write(&teller.call(call, &answer, &faults));
                    steps.push(record(&scene, call, &answer, &faults));
                }
            }
        }
        if !is_good {
            break;
        }
    }
    client::leave(stage, "carol").await?;
    for actor in actors {
        actor.leave().await;
    }
    Ok((is_good, steps))
}

async fn perform(actors: &[Actor], call: &Call) -> Result<Value, DemoError> {
    match actors.iter().find(|actor| actor.agent == call.agent) {
        Some(actor) => actor.call(call.tool, &call.arguments).await,
        None => Ok(Value::Null),
    }
}

fn record(scene: &Scene, call: &Call, answer: &Value, faults: &[String]) -> Value {
    json!({
        "scene": scene.title,
        "agent": call.agent,
        "tool": call.tool,
        "arguments": call.arguments,
        "answer": answer,
        "ok": faults.is_empty(),
        "faults": faults,
    })
}

impl Teller {
    fn page(&self) -> Page {
        Page::new(self.width)
    }
}
