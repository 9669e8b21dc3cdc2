//! Fires a trial through our part of git's own hooks. What others have in the same files is not run: a trial
//! must not lint, test or upload anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{WorkTreeFiles, is_program};
use crate::app::init::git_hooks::{FRAMEWORK, Runner, SHARED, runner};
use crate::app::init::shell_block;
use crate::app::ports::clone::{CloneFiles as _, FiredGitHook};
use crate::git::user_repo::UserRepo;
use crate::process::{ProcessError, run_line};

/// How long one hook may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The hooks that refuse.
const REFUSING: [&str; 2] = ["pre-commit", "pre-push"];
/// What a hook answers to a trial.
const ANSWER: &str = "is refused, as this trial asks for";

/// One clone's hooks.
struct Bench<'a> {
    repo: &'a UserRepo,
    root: &'a Path,
    files: WorkTreeFiles,
    runner: Runner,
}

/// Fires a trial through each of git's hooks that has a part of ours.
pub fn fire(repo: &UserRepo, home: Option<PathBuf>) -> Vec<FiredGitHook> {
    let Some(root) = repo.work_dir.as_deref() else { return Vec::new() };
    let Ok(files) = WorkTreeFiles::open(repo.clone(), home) else { return Vec::new() };
    let runner = runner(&files);
    let bench = Bench { repo, root, files, runner };
    REFUSING.into_iter().filter_map(|hook| bench.fire(hook)).collect()
}

impl Bench<'_> {
    fn fire(&self, hook: &'static str) -> Option<FiredGitHook> {
        let shared = self.repo.common_dir.join("hooks").join(hook);
        let shared_text = fs::read_to_string(&shared).unwrap_or_default();
        let (file, text) = self.registered(hook, &shared_text)?;
        let call = format!("agentsync hook {hook}");
        let block = shell_block::found(&text);
        let answer = self.run(block.unwrap_or(&call));
        let off = self.off(hook, &file, &text, &shared_text);
        Some(FiredGitHook { hook, file, answer, off })
    }

    /// Returns the file that has our part, as it is shown, and its text.
    fn registered(&self, hook: &str, shared_text: &str) -> Option<(String, String)> {
        let call = format!("agentsync hook {hook}");
        let read = |path: &str| fs::read_to_string(self.root.join(path)).unwrap_or_default();
        let run = match &self.runner {
            Runner::Lefthook(file) => Some(((*file).to_owned(), read(file))),
            Runner::Git => Some((FRAMEWORK.to_owned(), read(FRAMEWORK))),
            Runner::Husky => Some((format!(".husky/{hook}"), read(&format!(".husky/{hook}")))),
            Runner::Folder(path) | Runner::Elsewhere(path) => {
                Some((format!("{path}/{hook}"), read(&format!("{path}/{hook}"))))
            }
        };
        let shared = (format!("{SHARED}/{hook}"), shared_text.to_owned());
        run.into_iter().chain([shared]).find(|(_, text)| text.contains(&call))
    }

    fn run(&self, command: &str) -> Result<String, String> {
        let failed = |err: &dyn std::fmt::Display| err.to_string();
        let folder = self.repo.git_dir.join("agentsync");
        let input = folder.join(format!("trial-{}.txt", std::process::id()));
        fs::create_dir_all(&folder).and_then(|()| fs::write(&input, b"")).map_err(|err| failed(&err))?;
        let line = format!("AGENTSYNC_TRIAL=agentsync-trial.txt\nexport AGENTSYNC_TRIAL\n{command}");
        let ended = run_line(&line, self.root, &input, LIMIT);
        let _ = fs::remove_file(&input);
        let ended = ended.map_err(|err| match err {
            ProcessError::Missing => "there is no shell".to_owned(),
            ProcessError::TimedOut => format!("no answer within {} s", LIMIT.as_secs()),
            ProcessError::Io(err) => err.to_string(),
        })?;
        let said = ended.said();
        match ended.code != 0 && said.contains(ANSWER) {
            true => Ok(said),
            false => Err(format!("it ended with code {}: {said}", ended.code)),
        }
    }

    /// Returns why git does not come to our part, and what to do.
    fn off(&self, hook: &str, file: &str, text: &str, shared_text: &str) -> Option<(String, String)> {
        let say = |why: String, fix: &str| Some((why, fix.to_owned()));
        let is_shared = file.starts_with(SHARED);
        match &self.runner {
            Runner::Lefthook(_) if is_shared => {
                return say(
                    format!("lefthook writes over {file}"),
                    "agentsync install git, which shows what to add",
                );
            }
            Runner::Lefthook(_) if !shared_text.contains("lefthook") => {
                return say("lefthook has not set up its hooks in this clone".to_owned(), "lefthook install");
            }
            Runner::Folder(path) | Runner::Elsewhere(path) if is_shared => {
                let path = agentsync_core::text::escape(path);
                let why = format!("core.hooksPath is `{path}`, so git does not look into {SHARED}");
                return say(why, "agentsync install git, or git config --unset core.hooksPath");
            }
            Runner::Husky if is_shared => {
                let why = format!("core.hooksPath leads to husky, so git does not look into {SHARED}");
                return say(why, "agentsync install git");
            }
            Runner::Git if file == FRAMEWORK && !shared_text.contains("generated by pre-commit") => {
                let why = format!("the pre-commit framework has not set up its {hook} in this clone");
                return say(why, &format!("pre-commit install --hook-type {hook}"));
            }
            _ => {}
        }
        self.is_passed_over(hook, file, text)
    }

    fn is_passed_over(&self, hook: &str, file: &str, text: &str) -> Option<(String, String)> {
        let place = match file.starts_with(SHARED) {
            true => self.repo.common_dir.join("hooks").join(hook),
            false => self.root.join(file),
        };
        let is_script = file.ends_with(hook) && self.runner != Runner::Husky;
        if is_script && !is_program(&place) {
            let why = format!("{file} is not executable, so git passes it over");
            return Some((why, format!("chmod +x {file}")));
        }
        if self.runner == Runner::Husky && !self.files.has(".husky/_") {
            return Some(("husky has not been set up in this clone".to_owned(), "npx husky".to_owned()));
        }
        if shell_block::found(text).is_some() && !shell_block::is_reached(text) {
            let why = format!("other commands come before our part of {file}, and may end the hook first");
            return Some((why, "agentsync uninstall git, then agentsync install git".to_owned()));
        }
        None
    }
}
