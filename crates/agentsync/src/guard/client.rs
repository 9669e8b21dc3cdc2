//! The clients whose hooks call us.

/// A client that runs hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookClient {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// VS Code, with any of its harnesses.
    VsCode,
    /// GitHub's Copilot in the terminal.
    Copilot,
    /// opencode, through our plugin.
    Opencode,
}

impl HookClient {
    /// All of them.
    pub const ALL: [HookClient; 7] = [
        HookClient::ClaudeCode,
        HookClient::Codex,
        HookClient::Cursor,
        HookClient::Gemini,
        HookClient::VsCode,
        HookClient::Copilot,
        HookClient::Opencode,
    ];

    /// Returns the name that is typed.
    pub fn name(self) -> &'static str {
        match self {
            HookClient::ClaudeCode => "claude-code",
            HookClient::Codex => "codex",
            HookClient::Cursor => "cursor",
            HookClient::Gemini => "gemini",
            HookClient::VsCode => "vscode",
            HookClient::Copilot => "copilot",
            HookClient::Opencode => "opencode",
        }
    }

    /// Parses that name.
    pub fn parse(name: &str) -> Option<HookClient> {
        HookClient::ALL.into_iter().find(|client| client.name() == name)
    }
}
