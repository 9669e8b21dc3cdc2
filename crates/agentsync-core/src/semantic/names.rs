//! Names that say too little to be looked for in a whole tree.

/// Members that every other type has. They count only where the type is known.
const UBIQUITOUS: &[&str] = &[
    "accept",
    "add",
    "addAll",
    "all",
    "and",
    "any",
    "append",
    "apply",
    "args",
    "as_ref",
    "as_str",
    "at",
    "body",
    "build",
    "builder",
    "call",
    "check",
    "children",
    "clear",
    "clone",
    "close",
    "code",
    "compare",
    "compareTo",
    "config",
    "contains",
    "context",
    "copy",
    "count",
    "create",
    "data",
    "default",
    "delete",
    "description",
    "done",
    "each",
    "end",
    "entries",
    "equals",
    "error",
    "exec",
    "execute",
    "exists",
    "filter",
    "find",
    "first",
    "flush",
    "format",
    "from",
    "from_str",
    "get",
    "getId",
    "getName",
    "getType",
    "getValue",
    "handle",
    "has",
    "hash",
    "hashCode",
    "head",
    "host",
    "id",
    "index",
    "info",
    "init",
    "insert",
    "instance",
    "into",
    "isEmpty",
    "is_empty",
    "items",
    "iter",
    "join",
    "key",
    "keys",
    "kind",
    "last",
    "len",
    "length",
    "list",
    "load",
    "log",
    "main",
    "map",
    "match",
    "merge",
    "message",
    "method",
    "mode",
    "model",
    "name",
    "new",
    "next",
    "node",
    "now",
    "offset",
    "open",
    "options",
    "or",
    "output",
    "params",
    "parent",
    "parse",
    "path",
    "pop",
    "port",
    "position",
    "print",
    "process",
    "props",
    "push",
    "put",
    "query",
    "read",
    "reduce",
    "register",
    "remove",
    "render",
    "replace",
    "request",
    "reset",
    "resolve",
    "response",
    "result",
    "run",
    "save",
    "search",
    "self",
    "send",
    "set",
    "setUp",
    "setup",
    "size",
    "sort",
    "source",
    "split",
    "start",
    "state",
    "status",
    "stop",
    "stream",
    "submit",
    "super",
    "target",
    "tearDown",
    "test",
    "text",
    "this",
    "time",
    "title",
    "to",
    "toString",
    "to_owned",
    "to_string",
    "token",
    "type",
    "types",
    "update",
    "url",
    "user",
    "value",
    "valueOf",
    "values",
    "version",
    "visit",
    "wait",
    "with",
    "write",
];

/// Tells whether a name says too little: it is short, or every other type has it.
pub fn is_ubiquitous(name: &str) -> bool {
    name.chars().count() < 3 || UBIQUITOUS.binary_search(&name).is_ok()
}

/// Returns the last part of a path of names (`a.b.C`, `a::C`), without what a type carries around it.
pub fn last(name: &str) -> &str {
    let name = name.trim_start_matches(['&', '*', '[', ']', '?', '(']);
    let name = name.split(['<', '[', '?', ' ', ')']).next().unwrap_or(name);
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// Returns the folder a file stands in; empty at the root of the tree.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(UBIQUITOUS.is_sorted());
        assert!(is_ubiquitous("getName") && is_ubiquitous("x") && !is_ubiquitous("renewSession"));
    }

    #[test]
    fn the_last_part_of_a_type_is_its_name() {
        for (text, want) in
            [("a.b.C", "C"), ("&a::C", "C"), ("List<String>", "List"), ("*pkg.T", "T"), ("User[]", "User")]
        {
            assert_eq!(last(text), want);
        }
    }
}
