//! The clients that can be told about the server, and the files they read.

/// A program that speaks MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// VS Code.
    VsCode,
    /// Gemini CLI.
    Gemini,
    /// opencode.
    Opencode,
}

/// How a client wants its servers written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with comments where the client reads them; the servers stand under this key.
    Json {
        /// `mcpServers` or `servers`.
        key: &'static str,
    },
    /// TOML, under `mcp_servers`.
    Toml,
}

impl Client {
    /// All of them.
    pub const ALL: [Client; 6] =
        [Client::ClaudeCode, Client::Codex, Client::Cursor, Client::VsCode, Client::Gemini, Client::Opencode];

    /// Returns the name that is typed.
    pub fn name(self) -> &'static str {
        match self {
            Client::ClaudeCode => "claude-code",
            Client::Codex => "codex",
            Client::Cursor => "cursor",
            Client::VsCode => "vscode",
            Client::Gemini => "gemini",
            Client::Opencode => "opencode",
        }
    }

    /// Returns the file that tells the client about its servers, for everybody who works in the project.
    pub fn file(self) -> &'static str {
        match self {
            Client::ClaudeCode => ".mcp.json",
            Client::Codex => ".codex/config.toml",
            Client::Cursor => ".cursor/mcp.json",
            Client::VsCode => ".vscode/mcp.json",
            Client::Gemini => ".gemini/settings.json",
            Client::Opencode => "opencode.json",
        }
    }

    /// Returns how that file is written.
    pub fn format(self) -> Format {
        match self {
            Client::ClaudeCode | Client::Cursor | Client::Gemini => Format::Json { key: "mcpServers" },
            Client::Opencode => Format::Json { key: "mcp" },
            Client::Codex => Format::Toml,
            Client::VsCode => Format::Json { key: "servers" },
        }
    }

    /// Returns what lies in a work tree in which the client is used.
    pub fn traces(self) -> &'static [&'static str] {
        match self {
            Client::ClaudeCode => &[".mcp.json", ".claude", "CLAUDE.md", "CLAUDE.local.md"],
            Client::Codex => &[".codex"],
            Client::Cursor => &[".cursor", ".cursorrules"],
            Client::VsCode => &[".vscode"],
            Client::Gemini => &[".gemini", "GEMINI.md"],
            Client::Opencode => &["opencode.json", "opencode.jsonc", ".opencode"],
        }
    }

    /// Returns what lies in the home of somebody who uses the client.
    pub fn home_traces(self) -> &'static [&'static str] {
        match self {
            Client::ClaudeCode => &[".claude", ".claude.json"],
            Client::Codex => &[".codex"],
            Client::Cursor => &[".cursor"],
            Client::VsCode => &[".vscode"],
            Client::Gemini => &[".gemini"],
            Client::Opencode => &[".config/opencode"],
        }
    }

    /// Returns what a person still has to do in the client, if anything.
    pub fn last_step(self) -> Option<&'static str> {
        match self {
            Client::ClaudeCode => {
                Some("Claude Code asks once whether it may start a server that `.mcp.json` names")
            }
            Client::Codex => Some("Codex reads `.codex/config.toml` in trusted projects only"),
            Client::Cursor | Client::Opencode => None,
            Client::Gemini => Some("Gemini CLI reads `.gemini/settings.json` in trusted folders only"),
            Client::VsCode => Some("VS Code asks once whether it trusts the server"),
        }
    }
}
