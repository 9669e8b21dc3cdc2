//! What a finished program said.

use std::process::Output;

use serde_json::Value;

/// The exit code and the words of a finished program.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The command line, for messages about a failed check.
    pub asked: String,
    /// The exit code, or -1 when a signal ended the program.
    pub code: i32,
    /// Standard output, with anything that is not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, with anything that is not UTF-8 replaced.
    pub stderr: String,
    /// Standard output, byte for byte.
    pub raw: Vec<u8>,
}

impl Answer {
    /// Wraps what `asked` put out.
    pub(crate) fn new(asked: String, output: Output) -> Answer {
        Answer {
            asked,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            raw: output.stdout,
        }
    }

    /// Returns the answer itself; stops the test when the exit code is not `want`.
    #[track_caller]
    pub fn expect_code(self, want: i32) -> Answer {
        assert_eq!(self.code, want, "exit code of {}\n{}", self.asked, self.words());
        self
    }

    /// Returns the answer itself; stops the test when the program failed.
    #[track_caller]
    pub fn expect_success(self) -> Answer {
        self.expect_code(0)
    }

    /// Returns standard output without the white space around it.
    pub fn text(&self) -> &str {
        self.stdout.trim()
    }

    /// Returns the lines of standard output.
    pub fn lines(&self) -> Vec<String> {
        self.stdout.lines().map(str::to_owned).collect()
    }

    /// Returns standard output as JSON; stops the test when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.raw)
            .unwrap_or_else(|err| panic!("{} did not answer JSON: {err}\n{}", self.asked, self.words()))
    }

    fn words(&self) -> String {
        format!("--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
    }
}
