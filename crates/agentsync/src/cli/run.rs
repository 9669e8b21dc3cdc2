//! From arguments to an answer on the screen.

use std::path::Path;

use clap::Parser as _;

use super::args::{BoardVerb, CheckArgs, Cli, DemoArgs, HookArgs, HookClientArg, Shared, Verb};
use super::screen::Screen;
use super::{pages, pairs, render, verbs};
use crate::app::failure::{Failure, UsageError};
use crate::config::Flags;
use crate::demo::{self, DemoOptions};
use crate::guard::client::HookClient;
use crate::guard::git_hook::{self, GitHook};
use crate::guard::{hook, receive};
use crate::report::Exit;
use crate::report::doctor::DoctorReport;
use crate::report::failure::FailureReport;
use crate::wiring::{self, App, Life};

/// Runs the program and returns its exit code.
pub fn main() -> u8 {
    if let Some(exit) = plain_hook() {
        return exit.code();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => return print_usage(&err),
    };
    let screen = Screen { is_json: cli.shared.json };
    match run(&cli, &screen) {
        Ok(exit) => exit.code(),
        Err(failure) => screen.fail(&FailureReport::of(&failure)).code(),
    }
}

/// Answers a hook that is called as it is installed. Hooks are waited for, and setting up the parser of
/// all commands would take half of their time.
fn plain_hook() -> Option<Exit> {
    let mut args = std::env::args_os().skip(1);
    let is_hook = args.next()? == "hook";
    let name = args.next().filter(|_| is_hook)?;
    if let Some(hook) = GitHook::parse(name.to_str()?) {
        let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
        let is_plain = !args.iter().any(|arg| arg.starts_with('-'));
        return is_plain.then(|| git_hook::run(&Flags::default(), hook, &args));
    }
    let client = HookClient::parse(name.to_str()?)?;
    let event = args.next();
    let is_plain =
        args.next().is_none() && event.as_ref().is_none_or(|event| !event.to_string_lossy().starts_with('-'));
    let event = event.map(|event| event.to_string_lossy().into_owned());
    is_plain.then(|| hook::run(&Flags::default(), client, event.as_deref()))
}

/// Answers a hook.
fn run_hook(flags: &Flags, args: &HookArgs) -> Exit {
    let git = match args.client {
        HookClientArg::PreCommit => GitHook::PreCommit,
        HookClientArg::PrePush => GitHook::PrePush,
        HookClientArg::PrepareCommitMsg => GitHook::PrepareCommitMsg,
        HookClientArg::PreReceive => return receive::run(flags),
        client => {
            return hook_client(client)
                .map_or(Exit::Usage, |client| hook::run(flags, client, args.event.as_deref()));
        }
    };
    let all: Vec<String> = args.event.iter().chain(&args.more).cloned().collect();
    git_hook::run(flags, git, &all)
}

/// Returns the client whose hook is meant; `None` for git's own.
fn hook_client(arg: HookClientArg) -> Option<HookClient> {
    Some(match arg {
        HookClientArg::ClaudeCode => HookClient::ClaudeCode,
        HookClientArg::Codex => HookClient::Codex,
        HookClientArg::Cursor => HookClient::Cursor,
        HookClientArg::Gemini => HookClient::Gemini,
        HookClientArg::Vscode => HookClient::VsCode,
        HookClientArg::Copilot => HookClient::Copilot,
        HookClientArg::Opencode => HookClient::Opencode,
        HookClientArg::PreReceive
        | HookClientArg::PreCommit
        | HookClientArg::PrePush
        | HookClientArg::PrepareCommitMsg => return None,
    })
}

/// Help and version go to the standard output and are no error.
fn print_usage(err: &clap::Error) -> u8 {
    let _ = err.print();
    if err.use_stderr() { Exit::Usage.code() } else { Exit::Yes.code() }
}

fn flags(shared: &Shared) -> Flags {
    Flags {
        repo: shared.repo.clone(),
        agent: shared.agent.clone(),
        remote: shared.remote.clone(),
        branch: shared.board_branch.clone(),
        timeout: shared.timeout,
    }
}

fn run(cli: &Cli, screen: &Screen) -> Result<Exit, Failure> {
    let flags = flags(&cli.shared);
    match &cli.verb {
        Verb::Board(BoardVerb::CheckConflicts(CheckArgs { pairs: Some(source), .. })) => {
            pairs::run(&flags, source, screen)
        }
        Verb::Board(verb) => verbs::run(&App::open(&flags, Life::Short)?, verb, &cli.shared, screen),
        Verb::Doctor => {
            let report = DoctorReport::of(&wiring::facts(&flags));
            Ok(screen.show(&report, render::doctor, report.exit()))
        }
        Verb::Demo(args) => run_demo(args, screen),
        Verb::Hook(args) => Ok(run_hook(&flags, args)),
        Verb::Mcp => Ok(crate::mcp::stdio::serve(flags)),
        Verb::Completions { shell } => Ok(screen.bytes(&pages::completions(*shell))),
        Verb::Man { out } => run_man(out.as_deref(), screen),
    }
}

fn run_man(out: Option<&Path>, screen: &Screen) -> Result<Exit, Failure> {
    let fault = |err: std::io::Error| UsageError::Other {
        what: format!("the man pages cannot be written: {err}"),
        fix: "name a folder that can be written".to_owned(),
    };
    match out {
        None => Ok(screen.bytes(&pages::man_page().map_err(fault)?)),
        Some(folder) => {
            pages::write_man_pages(folder).map_err(fault)?;
            screen.line(&format!("wrote the man pages into {}", folder.display()));
            Ok(Exit::Yes)
        }
    }
}

/// Plays the demo, telling it as it goes.
fn run_demo(args: &DemoArgs, screen: &Screen) -> Result<Exit, Failure> {
    let options = DemoOptions { keeps: args.keep, is_json: screen.is_json, width: textwrap::termwidth() };
    let played = demo::play(options, &mut |text| screen.text(text)).map_err(|err| UsageError::Other {
        what: err.to_string(),
        fix: "see that git 2.38 or newer is on PATH and the temporary folder can be written".to_owned(),
    })?;
    if screen.is_json {
        screen.line(&serde_json::to_string_pretty(&played.transcript).unwrap_or_default());
    }
    Ok(if played.is_good { Exit::Yes } else { Exit::No })
}
