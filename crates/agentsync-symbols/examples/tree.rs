//! Prints the syntax tree of a file: `cargo run -p agentsync-symbols --example tree -- FILE`.
#![expect(clippy::print_stdout, reason = "it is a tool for people who add a language")]

use agentsync_core::facts::Language;
use tree_sitter::Parser;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let bytes = std::fs::read(&path)?;
    let grammar = match agentsync_symbols::language_of(&path, &bytes).ok_or("no language known")? {
        Language::Java => tree_sitter_java::LANGUAGE,
        #[cfg(feature = "kotlin")]
        Language::Kotlin => tree_sitter_kotlin_ng::LANGUAGE,
        Language::Go => tree_sitter_go::LANGUAGE,
        Language::Rust => tree_sitter_rust::LANGUAGE,
        Language::Python => tree_sitter_python::LANGUAGE,
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX,
        Language::JavaScript => tree_sitter_javascript::LANGUAGE,
        Language::C => tree_sitter_c::LANGUAGE,
        Language::Json => tree_sitter_json::LANGUAGE,
        Language::Toml => tree_sitter_toml_ng::LANGUAGE,
        Language::Yaml => tree_sitter_yaml::LANGUAGE,
        other => return Err(format!("no tree for {other:?}").into()),
    };
    let mut parser = Parser::new();
    parser.set_language(&grammar.into())?;
    let tree = parser.parse(&bytes, None).ok_or("not parsed")?;
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        let node = cursor.node();
        let field = cursor.field_name().map(|name| format!("{name}: ")).unwrap_or_default();
        let text = if node.child_count() == 0 { node.utf8_text(&bytes)? } else { "" };
        println!("{:depth$}{field}{} {text:?}", "", node.kind());
        if cursor.goto_first_child() {
            depth += 2;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(());
            }
            depth -= 2;
        }
    }
}
