//! The numbers a grammar gives its node kinds and fields, looked up once.

use tree_sitter::Language;

/// The kind of a node as a language's file numbers it; 0 for all kinds it does not name.
pub type Kind = u16;

/// Names the node kinds that a language's file asks for, and numbers them from 1.
macro_rules! kinds {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// The kinds by name, in the order of their numbers.
        const KINDS: &[&str] = &[$($text),+];
        $crate::lexicon::kinds!(@number 1; $($name)+);
    };
    (@number $number:expr; $name:ident $($rest:ident)*) => {
        const $name: $crate::lexicon::Kind = $number;
        $crate::lexicon::kinds!(@number $number + 1; $($rest)*);
    };
    (@number $number:expr;) => {};
}
pub(crate) use kinds;

/// Declares the fields of nodes that some language asks for.
macro_rules! fields {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// The part that a node plays in its parent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum Field {
            /// One that no language here asks for, or none.
            #[default]
            Other,
            $(#[doc = concat!("`", $text, "`")] $name),+
        }

        impl Field {
            fn named(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

fields! {
    Alias = "alias",
    Alternative = "alternative",
    Argument = "argument",
    Arguments = "arguments",
    Attribute = "attribute",
    Body = "body",
    Condition = "condition",
    Consequence = "consequence",
    Constraint = "constraint",
    Constructor = "constructor",
    Declarator = "declarator",
    Definition = "definition",
    Element = "element",
    Expression = "expression",
    Member = "field",
    Function = "function",
    Index = "index",
    Initializer = "initializer",
    Interfaces = "interfaces",
    Key = "key",
    Label = "label",
    Left = "left",
    List = "list",
    Macro = "macro",
    ModuleName = "module_name",
    Name = "name",
    Object = "object",
    Operand = "operand",
    Package = "package",
    Parameter = "parameter",
    Parameters = "parameters",
    Path = "path",
    Pattern = "pattern",
    Property = "property",
    Receiver = "receiver",
    Result = "result",
    ReturnType = "return_type",
    Right = "right",
    Scope = "scope",
    Source = "source",
    Subject = "subject",
    Superclass = "superclass",
    Superclasses = "superclasses",
    Trait = "trait",
    Type = "type",
    TypeParameters = "type_parameters",
    Value = "value",
}

/// How a node's text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Only by what a language's file makes of it.
    #[default]
    Plain,
    /// It is an identifier.
    Name,
    /// It is a string literal, or the text between its quotes.
    Text,
    /// It is a comment.
    Comment,
    /// It adorns a definition without changing its signature: an annotation, an attribute.
    Adornment,
}

/// Which kinds of a grammar play which role.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// The kinds that the language's file asks for, in the order of their numbers.
    pub kinds: &'static [&'static str],
    /// Identifiers.
    pub names: &'static [&'static str],
    /// String literals.
    pub texts: &'static [&'static str],
    /// Comments.
    pub comments: &'static [&'static str],
    /// Annotations and attributes.
    pub adornments: &'static [&'static str],
}

/// A grammar with its numbers looked up.
#[derive(Debug)]
pub struct Lexicon {
    /// The grammar.
    pub language: Language,
    kinds: Vec<(Kind, Role)>,
    fields: Vec<Field>,
}

impl Lexicon {
    /// Looks up every number of `language`.
    pub fn new(language: Language, vocabulary: &Vocabulary) -> Self {
        let kinds = (0..language.node_kind_count())
            .map(|id| {
                let id = u16::try_from(id).unwrap_or(u16::MAX);
                let name = language.node_kind_for_id(id).unwrap_or_default();
                (vocabulary.kind(name), vocabulary.role(name, language.node_kind_is_named(id)))
            })
            .collect();
        let fields = (0..=language.field_count())
            .map(|id| {
                let id = u16::try_from(id).unwrap_or(u16::MAX);
                language.field_name_for_id(id).map_or(Field::Other, Field::named)
            })
            .collect();
        Self { language, kinds, fields }
    }

    /// Returns the number and the role of a grammar's kind.
    pub fn kind(&self, id: u16) -> (Kind, Role) {
        self.kinds.get(usize::from(id)).copied().unwrap_or_default()
    }

    /// Returns the field of a grammar's field number.
    pub fn field(&self, id: u16) -> Field {
        self.fields.get(usize::from(id)).copied().unwrap_or_default()
    }
}

impl Vocabulary {
    fn kind(&self, name: &str) -> Kind {
        let position = self.kinds.iter().position(|kind| *kind == name);
        position.and_then(|idx| u16::try_from(idx + 1).ok()).unwrap_or(0)
    }

    fn role(&self, name: &str, is_named: bool) -> Role {
        // A keyword's text may be the name of a kind too.
        if !is_named {
            return Role::Plain;
        }
        let lists = [
            (self.names, Role::Name),
            (self.texts, Role::Text),
            (self.comments, Role::Comment),
            (self.adornments, Role::Adornment),
        ];
        lists.iter().find(|(list, _)| list.contains(&name)).map_or(Role::Plain, |(_, role)| *role)
    }
}
