//! Which language a file is in.

use agentsync_core::facts::Language;

/// Returns the language of a file by its name, or by its first line where the name does not tell.
pub fn language_of(path: &str, first_bytes: &[u8]) -> Option<Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => by_ending(&ending.to_ascii_lowercase(), first_bytes),
        Some(_) | None => by_name(name).or_else(|| by_first_line(first_bytes)),
    }
}

fn by_ending(ending: &str, first_bytes: &[u8]) -> Option<Language> {
    let language = match ending {
        "java" => Language::Java,
        "kt" | "kts" => Language::Kotlin,
        "go" => Language::Go,
        "rs" => Language::Rust,
        "py" | "pyi" | "pyw" => Language::Python,
        "ts" | "mts" | "cts" => return typescript(first_bytes),
        "tsx" => Language::Tsx,
        "js" | "mjs" | "cjs" | "jsx" | "es6" => Language::JavaScript,
        "h" if is_cpp_header(first_bytes) => Language::Cpp,
        "c" | "h" => Language::C,
        "cs" => Language::CSharp,
        "cc" | "cpp" | "cxx" | "c++" | "hh" | "hpp" | "hxx" | "ipp" | "inl" => Language::Cpp,
        "rb" | "rake" | "gemspec" | "ru" => Language::Ruby,
        "php" | "phtml" => Language::Php,
        "swift" => Language::Swift,
        "scala" | "sc" | "sbt" => Language::Scala,
        "json" | "jsonc" | "webmanifest" | "geojson" | "har" => Language::Json,
        "toml" => Language::Toml,
        "yaml" | "yml" => Language::Yaml,
        _ => return None,
    };
    Some(language)
}

/// Tells TypeScript from the translations of Qt and from video, which end in `.ts` too.
fn typescript(first_bytes: &[u8]) -> Option<Language> {
    let is_other = first_bytes.starts_with(b"<?xml") || first_bytes.starts_with(b"G@");
    (!is_other).then_some(Language::TypeScript)
}

/// Returns whether a header says, in its first bytes, what only C++ can say.
fn is_cpp_header(first_bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first_bytes);
    text.lines().map(str::trim_start).any(|line| {
        let words = ["class ", "namespace ", "template <", "template<", "using namespace ", "public:"];
        words.iter().any(|word| line.starts_with(word))
    })
}

fn by_name(name: &str) -> Option<Language> {
    match name {
        "Gemfile" | "Rakefile" | "Podfile" | "Vagrantfile" | "Guardfile" => Some(Language::Ruby),
        "SConstruct" | "SConscript" => Some(Language::Python),
        "Pipfile" => Some(Language::Toml),
        ".babelrc" | ".eslintrc" | ".prettierrc" | ".arcconfig" => Some(Language::Json),
        ".clang-format" | ".clang-tidy" => Some(Language::Yaml),
        _ => None,
    }
}

fn by_first_line(first_bytes: &[u8]) -> Option<Language> {
    let line = first_bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    // `#!/usr/bin/env -S python3 -u` and `#!/usr/bin/python3.12`
    let program = line
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env" && !word.starts_with('-'))?;
    let interpreters = [
        ("python", Language::Python),
        ("pypy", Language::Python),
        ("node", Language::JavaScript),
        ("deno", Language::TypeScript),
        ("bun", Language::TypeScript),
        ("ts-node", Language::TypeScript),
        ("tsx", Language::TypeScript),
        ("ruby", Language::Ruby),
        ("php", Language::Php),
        ("kotlin", Language::Kotlin),
        ("scala", Language::Scala),
        ("swift", Language::Swift),
    ];
    interpreters.iter().find(|(name, _)| program.starts_with(name)).map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_ending() {
        assert_eq!(language_of("src/a.b/Main.JAVA", b""), Some(Language::Java));
        assert_eq!(language_of("a.d.ts", b""), Some(Language::TypeScript));
        assert_eq!(language_of("a/README", b""), None);
        assert_eq!(language_of("a.txt", b"#!/usr/bin/python\n"), None);
    }

    #[test]
    fn a_file_without_an_ending_is_told_by_its_name_or_its_first_line() {
        assert_eq!(language_of("bin/tool", b"#!/usr/bin/env -S python3 -u\n"), Some(Language::Python));
        assert_eq!(language_of("bin/tool", b"#!/usr/bin/node"), Some(Language::JavaScript));
        assert_eq!(language_of("bin/tool", b"#!/bin/sh\n"), None);
        assert_eq!(language_of("Gemfile", b""), Some(Language::Ruby));
    }

    #[test]
    fn one_ending_may_mean_two_things() {
        assert_eq!(language_of("a.h", b"#pragma once\nnamespace a {\n"), Some(Language::Cpp));
        assert_eq!(language_of("a.h", b"#pragma once\nstruct a { int b; };\n"), Some(Language::C));
        assert_eq!(language_of("i18n/de.ts", b"<?xml version=\"1.0\"?>"), None);
    }
}
