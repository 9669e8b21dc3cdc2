//! What one source file says of itself: the facts that the semantic rules join.
//!
//! Facts depend on a file's bytes and its language alone, never on its path, so they are kept by
//! blob id. `agentsync-symbols` extracts them; nothing here knows a grammar.
//!
//! What holds in every language:
//!
//! - Containers and `within` are names joined by `.`. A type without a name stands in them as `<Base>`; what
//!   is in it, or in a function's body, `is_local`. Very deep names are cut off.
//! - The value that a method is called on is `this`, whatever the language calls it: `self.f()` is a call on
//!   `this`, and `self.user.f()` one on `this.user`.
//! - A constructor is named as it is written (`__init__`, `constructor`, in Java the type); what it makes is the
//!   last name of its container. A record, a tuple struct or a data class has a constructor too, from its header.
//! - Making a value is a call with the type's last name and [`Receiver::New`]: `new T(…)`, `T{…}`, `super(…)`
//!   where the supertype is known, a case of an enumeration with arguments, an annotation.
//! - Where the syntax does not tell a type from a function (`T(…)` in Python, Kotlin and Rust), making a value is
//!   a plain call of `T`.
//! - A Rust method that is called by its path, `T::f(x, 1)`, is given its receiver as an argument.
//! - What states a name again on purpose (a setter, the signature of an overload) `is_conditional`.
//! - A function that is named without being called (`Type::name`) is a call of unknown arity.
//! - A definition's own name counts in `mentions`, and so do the names in imports.
//! - Hashes are of tokens and of how they nest. Comments and white space change none; an annotation changes no
//!   signature, but the body that it stands in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A language or data format whose files give facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the language of that name")]
pub enum Language {
    Java,
    Kotlin,
    Go,
    Rust,
    Python,
    TypeScript,
    Tsx,
    JavaScript,
    C,
    CSharp,
    Cpp,
    Ruby,
    Php,
    Swift,
    Scala,
    Json,
    Toml,
    Yaml,
}

/// A place in a file: lines count from 1, both inclusive; bytes from 0, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// Its first line.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DefKind {
    /// A class, struct, record or object.
    Class,
    /// An interface, trait or protocol.
    Interface,
    /// An enumeration.
    Enum,
    /// A name for another type.
    Alias,
    /// A free function.
    Function,
    /// A function of a type.
    Method,
    /// A constructor.
    Constructor,
    /// A member that holds a value.
    Field,
    /// A value outside a type.
    Constant,
    /// One case of an enumeration.
    Variant,
    /// A macro.
    Macro,
    /// A module or namespace.
    Module,
    /// An implementation of a trait for a type (Rust): its name is the type's, which it does not define.
    Implementation,
    /// A key of a data file; its name is the whole path, `a.b.c`.
    Key,
}

/// What may stand between the parentheses of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Params {
    /// The least number of positional arguments, the receiver not counted.
    pub min: u16,
    /// The largest; `None` when there is no bound.
    pub max: Option<u16>,
    /// Names by which arguments may be given.
    pub names: Vec<String>,
    /// Those that must be given by name.
    pub required_names: Vec<String>,
    /// Whether any other name is taken too (`**kwargs`).
    pub takes_any_name: bool,
    /// A hash of the parameters' types as written; equal for overloads that cannot both exist.
    pub types_hash: u64,
}

/// Words that stand before or on a definition and change how it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent words of the source")]
pub struct Modifiers {
    /// It can be named from outside its file or package.
    pub is_public: bool,
    /// It cannot be named from outside its type or file.
    pub is_private: bool,
    /// It belongs to the type, not to a value of it.
    pub is_static: bool,
    /// It must be waited for.
    pub is_async: bool,
    /// It has no body, or cannot be made, and must be completed elsewhere.
    pub is_abstract: bool,
    /// It says that it takes the place of an inherited member.
    pub is_override: bool,
    /// It cannot be changed or taken the place of.
    pub is_final: bool,
    /// It has a body although its container asks only for a signature (a default method).
    pub has_default: bool,
    /// It can fail in a way its type or signature states (`Result`, checked exceptions).
    pub is_fallible: bool,
    /// It is there only under some condition (`#[cfg]`, `#ifdef`, `if TYPE_CHECKING`).
    pub is_conditional: bool,
    /// It stands in a function's body or in a type without a name, so that nothing outside can name it.
    pub is_local: bool,
    /// Whoever is called by a framework is given it by naming a parameter so (pytest's fixtures).
    pub is_injected: bool,
}

/// One definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// What it is.
    pub kind: DefKind,
    /// Its name.
    pub name: String,
    /// The names of what it stands in, outermost first, `Outer.Inner`; empty at the top of the file. For a
    /// Rust `impl` or a Go method it is the type.
    pub container: String,
    /// For a Rust `impl Trait<A> for Type` and what stands in it: the trait as written, with its arguments,
    /// since one type may have several of them.
    pub of_trait: Option<String>,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// What it takes, if it can be called.
    pub params: Option<Params>,
    /// The type it returns or has, as written, white space only where two words meet; `None` when it says none.
    /// Of a key, its value where that is short and stands on one line, without quotes.
    pub result: Option<String>,
    /// Types it extends, implements or embeds, as written without their arguments.
    pub supertypes: Vec<String>,
    /// Those of them whose members it may have without stating them: another object has them (Kotlin's `by`), or
    /// a macro or a generator writes them.
    pub given: Vec<String>,
    /// A hash of its signature without comments and white space.
    pub signature_hash: u64,
    /// A hash of its body without comments and white space; 0 without a body.
    pub body_hash: u64,
    /// The whole of it.
    pub span: Span,
    /// Its name's line.
    pub name_line: u32,
}

/// What a call is made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receiver {
    /// Nothing: `f(…)`.
    None,
    /// A plain name: `x.f(…)`, `Type::f(…)`, `this.f(…)`; or a field of the value at hand, `this.x.f(…)`.
    Name(String),
    /// A value that is named, read and called step by step, written as names joined by `.`, with `()` behind what is
    /// called, `?` behind what is taken out of something (Rust's `?`, a promise that is waited for), and `new T` for
    /// what is made: `this.users()?.first`.
    Value(String),
    /// It makes a new value: `new T(…)`, `T{…}`.
    New,
    /// Anything else.
    Other,
}

/// How many arguments a call gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Arity {
    /// So many positional ones.
    Exactly(u16),
    /// A spread or a trailing block hides how many.
    Unknown,
}

/// One call, or one literal of a type with named fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The last name of what is called.
    pub name: String,
    /// What it is called on.
    pub receiver: Receiver,
    /// How many positional arguments it gives.
    pub arity: Arity,
    /// The names of arguments given by name, or of fields given.
    pub names: Vec<String>,
    /// Where.
    pub span: Span,
    /// The definition it stands in, as `container.name`; empty at the top.
    pub within: String,
}

/// One name bound by an import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Import {
    /// The module, package or file, as written (`java.util`, `./user.js`, `crate::auth`, `..models`).
    pub module: String,
    /// The name taken from it; `None` when the module itself is bound, `*` for all names.
    pub name: Option<String>,
    /// The name that the file uses for it; `None` for `*` and for imports that bind nothing.
    pub bound: Option<String>,
    /// Whether it passes the name on (`pub use`, `export … from`).
    pub is_reexport: bool,
    /// Whether only a type is taken.
    pub is_type_only: bool,
    /// Where.
    pub span: Span,
}

/// One name with a type that a file states: a local variable, a parameter, a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The name.
    pub name: String,
    /// Its type as written, without its arguments and without `*` or `&`, or the one that its first value
    /// shows (`new T()`, `T{…}`); `None` when the binding states none.
    pub type_name: Option<String>,
    /// Its first value where it states no type, as in [`Receiver::Value`]; a plain name stands for itself. `?` behind
    /// a call that gives several values is the first of them.
    pub value: Option<String>,
    /// Where it holds: the enclosing definition's span, or the whole file.
    pub scope: Span,
}

/// One implementation of a type without a name: an anonymous class, a lambda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anonymous {
    /// The type it implements.
    pub of: String,
    /// The members it has.
    pub members: Vec<String>,
    /// Where.
    pub span: Span,
}

/// A choice between the cases of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The cases it names, by their last name, in order.
    pub cases: Vec<String>,
    /// The type in front of the cases where it is written (`Color` of `Color::Red`).
    pub of: Option<String>,
    /// Whether it has a case for all others.
    pub has_default: bool,
    /// Where.
    pub span: Span,
}

/// A thing stated twice in one place where once is allowed: a key, a case, an argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// The key or case, with what it stands in.
    pub name: String,
    /// Where it stands again.
    pub span: Span,
}

/// An identifier in code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mention {
    /// How often it stands there.
    pub n: u32,
    /// The first lines on which it stands, at most four.
    pub lines: Vec<u32>,
    /// Whether it always stands behind another name (`a.name`, `a::Name`), so that it never means what the file
    /// itself binds to it.
    pub is_qualified: bool,
}

/// A word of string literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quoted {
    /// How often it stands there.
    pub n: u32,
    /// The first line on which it stands.
    pub line: u32,
}

/// What one file says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The package, module or namespace it says it belongs to.
    pub package: Option<String>,
    /// Its definitions, in order.
    pub definitions: Vec<Definition>,
    /// Its calls, in order.
    pub calls: Vec<Call>,
    /// The members that it reads or sets without calling them, once for each value and definition: as calls of unknown
    /// arity.
    pub reads: Vec<Call>,
    /// The identifiers in it; strings and comments are left out.
    pub mentions: BTreeMap<String, Mention>,
    /// How often each path of two names or more stands in code, as written (`a::b::c`, Rust); those of imports apart.
    pub paths: BTreeMap<String, u32>,
    /// Words of string literals that look like identifiers: they may name something dynamically.
    pub quoted: BTreeMap<String, Quoted>,
    /// Its imports, in order.
    pub imports: Vec<Import>,
    /// Names it exports by a statement of its own (`export { a }`, `__all__`).
    pub exports: Vec<String>,
    /// Names with types that it declares.
    pub declared: Vec<Declared>,
    /// Implementations without a name.
    pub anonymous: Vec<Anonymous>,
    /// Its choices between the cases of closed sets.
    pub choices: Vec<Choice>,
    /// What it states twice where once is allowed.
    pub repeated: Vec<Repeated>,
    /// What could not be parsed.
    pub errors: Vec<Span>,
    /// Whether it looks generated or minified, so that its facts are not worth a finding.
    pub is_generated: bool,
    /// Why it was not parsed. Its `mentions` are then all its words, comments and strings included, except
    /// those of a binary file.
    pub left_out: Option<LeftOut>,
}

impl Facts {
    /// Returns the first lines on which an identifier stands, at most four.
    pub fn lines_of(&self, name: &str) -> &[u32] {
        self.mentions.get(name).map_or(&[], |mention| &mention.lines)
    }

    /// Tells whether an identifier stands in it, and always behind another name.
    pub fn is_qualified(&self, name: &str) -> bool {
        self.mentions.get(name).is_some_and(|mention| mention.is_qualified)
    }
}

/// Why a file was not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LeftOut {
    /// It is no text.
    Binary,
    /// It is longer than the limit.
    Huge,
    /// Its grammar is not built in.
    NoGrammar,
    /// The parser took more steps than a file of its length may.
    RanAway,
}
