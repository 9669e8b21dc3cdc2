//! The clients we know: where each looks for servers, and how an entry looks there.

use super::{json_entry, toml_entry};

/// A client that starts MCP servers of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// `OpenAI` Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    VsCode,
}

impl Client {
    /// All of them.
    pub const ALL: [Client; 4] = [Client::ClaudeCode, Client::Codex, Client::Cursor, Client::VsCode];

    /// Returns the file with the project's servers. It is shared by the team, so it never holds an id.
    pub fn path(self) -> &'static str {
        match self {
            Client::ClaudeCode => ".mcp.json",
            Client::Codex => ".codex/config.toml",
            Client::Cursor => ".cursor/mcp.json",
            Client::VsCode => ".vscode/mcp.json",
        }
    }

    /// Returns files and folders of a repository that show that the client is used in it.
    pub fn traces(self) -> &'static [&'static str] {
        match self {
            Client::ClaudeCode => &[".mcp.json", ".claude", "CLAUDE.md"],
            Client::Codex => &[".codex"],
            Client::Cursor => &[".cursor", ".cursorrules"],
            Client::VsCode => &[".vscode"],
        }
    }

    fn servers_key(self) -> &'static str {
        match self {
            Client::ClaudeCode | Client::Cursor => "mcpServers",
            Client::VsCode => "servers",
            Client::Codex => "mcp_servers",
        }
    }

    /// Returns the file's text with our entry in it.
    pub(super) fn with_entry(self, text: Option<&str>) -> Result<String, String> {
        match self {
            Client::Codex => toml_entry::with_entry(text.unwrap_or_default(), self.servers_key()),
            Client::ClaudeCode | Client::Cursor | Client::VsCode => {
                json_entry::with_entry(text.unwrap_or_default(), self.servers_key())
            }
        }
    }

    /// Returns the file's text without our entry; `None` when nothing is left.
    pub(super) fn without_entry(self, text: &str) -> Result<Option<String>, String> {
        match self {
            Client::Codex => toml_entry::without_entry(text, self.servers_key()),
            Client::ClaudeCode | Client::Cursor | Client::VsCode => {
                json_entry::without_entry(text, self.servers_key())
            }
        }
    }
}
