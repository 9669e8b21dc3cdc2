//! The steps of a write at which a test has the process die, or input and output fail.
//!
//! Only in a build with the feature `teeth`, and only as the environment says:
//! `AGENTSYNC_CRASH=STEP` ends the process when it passes that step, `STEP:3` when it does so for the third
//! time, `BEFORE>STEP` only after it has passed another one. `AGENTSYNC_FAIL=STEP` has that step fail each
//! time. `AGENTSYNC_STEPS=FILE` notes all that are passed.
//!
//! It ends as if by a signal: nothing is unwound, nothing tidied up. That is why no library does it, whose
//! failures are panics and early returns.

#[cfg(not(feature = "teeth"))]
use std::io;
#[cfg(not(feature = "teeth"))]
use std::path::Path;

/// Passes a step that cannot fail.
#[cfg(not(feature = "teeth"))]
#[inline]
pub const fn pass(_: &str) {}

/// Passes a step that may fail.
#[cfg(not(feature = "teeth"))]
#[inline]
pub const fn try_pass(_: &str) -> io::Result<()> {
    Ok(())
}

/// Passes the step at which a file's new content lies beside it.
#[cfg(not(feature = "teeth"))]
#[inline]
pub const fn beside(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Passes the step at which a file has its new content.
#[cfg(not(feature = "teeth"))]
#[inline]
pub const fn replaced(_: &Path) {}

#[cfg(feature = "teeth")]
pub use planted::{beside, pass, replaced, try_pass};

#[cfg(feature = "teeth")]
mod planted {
    use std::fs::OpenOptions;
    use std::io::{self, Write as _};
    use std::path::Path;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    /// What the environment says.
    struct Plan {
        after: Option<String>,
        crash: Option<(String, u32)>,
        fail: Option<String>,
        log: Option<String>,
    }

    static PLAN: LazyLock<Plan> = LazyLock::new(Plan::read);
    static IS_ARMED: AtomicBool = AtomicBool::new(false);
    static N_PASSED: AtomicU32 = AtomicU32::new(0);

    impl Plan {
        #[expect(clippy::disallowed_methods, reason = "the door for tests, which is not in a normal build")]
        fn read() -> Plan {
            let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
            let crash = set("AGENTSYNC_CRASH");
            let (after, crash) = match crash.as_ref().and_then(|text| text.split_once('>')) {
                Some((after, crash)) => (Some(after.to_owned()), Some(crash.to_owned())),
                None => (None, crash),
            };
            let crash = crash.map(|text| match text.split_once(':') {
                Some((step, n)) => (step.to_owned(), n.parse().unwrap_or(1)),
                None => (text, 1),
            });
            Plan { after, crash, fail: set("AGENTSYNC_FAIL"), log: set("AGENTSYNC_STEPS") }
        }
    }

    fn note(path: &str, step: &str) {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(format!("{step}\n").as_bytes()));
    }

    /// Passes a step that cannot fail.
    pub fn pass(step: &str) {
        let plan = &*PLAN;
        if let Some(path) = &plan.log {
            note(path, step);
        }
        let is_due = plan.after.is_none() || IS_ARMED.load(Ordering::SeqCst);
        if let Some((crash, n)) = &plan.crash
            && is_due
            && crash == step
            && N_PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *n
        {
            std::process::abort();
        }
        if plan.after.as_deref() == Some(step) {
            IS_ARMED.store(true, Ordering::SeqCst);
        }
    }

    /// Passes a step that may fail.
    pub fn try_pass(step: &str) -> io::Result<()> {
        pass(step);
        match PLAN.fail.as_deref() == Some(step) {
            true => Err(io::Error::other(format!("planted at `{step}`"))),
            false => Ok(()),
        }
    }

    /// Passes the step at which a file's new content lies beside it.
    pub fn beside(path: &Path) -> io::Result<()> {
        try_pass(&format!("beside {}", kind(path)))
    }

    /// Passes the step at which a file has its new content.
    pub fn replaced(path: &Path) {
        pass(&format!("replaced {}", kind(path)));
    }

    /// Returns what a file is, whatever it is about.
    fn kind(path: &Path) -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.extension().map(|ending| ending.to_string_lossy()) {
            Some(ending) if ending == "json" => name.trim_end_matches(".json").to_owned(),
            Some(ending) => ending.into_owned(),
            None if name.len() >= 38 => "object".to_owned(),
            None => name.split('-').next().unwrap_or_default().to_owned(),
        }
    }
}
