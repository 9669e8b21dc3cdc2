//! The regions of a claim or ticket on the wire: a list beside `touches`, which keeps whole files.
//!
//! Whoever does not know regions sees the whole file, which is safe. So is a region that cannot be
//! read: its file is then taken whole.

use agentsync_core::{Anchor, Mode, PathSpec, Place, Region, SymbolPath};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One region of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WireRegion {
    path: String,
    /// Which list it narrows, where that is not `touches`.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<WireAnchor>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct WireAnchor {
    blob: String,
    lines: (u32, u32),
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    symbols: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// The word for regions of `requires`.
const REQUIRES: &str = "requires";

/// What the member `regions` says.
#[derive(Debug, Default)]
pub struct Regions(Vec<(WireRegion, Option<Region>)>);

impl Regions {
    /// Reads the member's text; what has another shape narrows nothing.
    pub fn read(text: &str) -> Regions {
        let wire: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
        let read = wire.into_iter().map(|value| {
            let path = value.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
            let of = value.get("of").and_then(Value::as_str).map(str::to_owned);
            let known: WireRegion =
                serde_json::from_value(value).unwrap_or(WireRegion { path, of, ..WireRegion::default() });
            let region = known.region();
            (known, region)
        });
        Regions(read.collect())
    }

    /// Reads the paths that a claim touches.
    pub fn touches(&self, texts: &[String], read: impl Fn(&str) -> PathSpec) -> Vec<PathSpec> {
        self.narrow(None, texts, read)
    }

    /// Reads the paths that a claim requires.
    pub fn requires(&self, texts: &[String], read: impl Fn(&str) -> PathSpec) -> Vec<PathSpec> {
        self.narrow(Some(REQUIRES), texts, read)
    }

    fn narrow(&self, of: Option<&str>, texts: &[String], read: impl Fn(&str) -> PathSpec) -> Vec<PathSpec> {
        let mut specs = Vec::new();
        for text in texts {
            let here = || self.0.iter().filter(|(wire, _)| wire.path == *text && wire.of.as_deref() == of);
            let regions: Vec<&Region> = here().filter_map(|(_, region)| region.as_ref()).collect();
            let whole = read(text);
            let can_narrow = !whole.is_glob() && !whole.is_whole_repository();
            if can_narrow && !regions.is_empty() && regions.len() == here().count() {
                specs.extend(regions.into_iter().map(|region| whole.clone().narrowed(region.clone())));
            } else {
                specs.push(whole);
            }
        }
        specs
    }
}

impl WireRegion {
    fn region(&self) -> Option<Region> {
        let place = match (&self.symbol, self.lines) {
            (Some(symbol), None) => Place::Symbol(SymbolPath::parse(symbol)?),
            (None, Some((from, to))) if from <= to => Place::Lines(from, to),
            _ => return None,
        };
        let mode = self.mode.as_deref().map_or(Some(Mode::Edit), Mode::parse)?;
        Some(Region { place, mode, anchor: self.anchor.as_ref().map(WireAnchor::anchor) })
    }

    fn of(spec: &PathSpec, region: &Region, of: Option<&str>) -> WireRegion {
        let (symbol, lines) = match &region.place {
            Place::Symbol(symbol) => (Some(symbol.to_string()), None),
            Place::Lines(from, to) => (None, Some((*from, *to))),
        };
        let mode = Some(region.mode).filter(|mode| *mode != Mode::Edit);
        WireRegion {
            path: spec.as_str().to_owned(),
            of: of.map(str::to_owned),
            symbol,
            lines,
            mode: mode.map(|mode| mode.as_str().to_owned()),
            anchor: region.anchor.as_ref().map(WireAnchor::of),
        }
    }
}

impl WireAnchor {
    fn anchor(&self) -> Anchor {
        Anchor {
            blob: self.blob.clone(),
            lines: self.lines,
            // A symbol that cannot be read makes what is touched unknown.
            symbols: self
                .symbols
                .iter()
                .map(|text| SymbolPath::parse(text))
                .collect::<Option<_>>()
                .unwrap_or_default(),
            signature: self.signature.clone(),
            body: self.body.clone(),
        }
    }

    fn of(anchor: &Anchor) -> WireAnchor {
        WireAnchor {
            blob: anchor.blob.clone(),
            lines: anchor.lines,
            symbols: anchor.symbols.iter().map(SymbolPath::to_string).collect(),
            signature: anchor.signature.clone(),
            body: anchor.body.clone(),
        }
    }
}

/// Renders the regions of both lists; `null` when there are none.
pub fn render(touches: &[PathSpec], requires: &[PathSpec]) -> Value {
    let of = |specs: &[PathSpec], of: Option<&str>| {
        let narrowed = specs.iter().filter_map(|spec| Some((spec, spec.region()?)));
        narrowed.map(|(spec, region)| WireRegion::of(spec, region, of)).collect::<Vec<_>>()
    };
    let mut all = of(touches, None);
    all.extend(of(requires, Some(REQUIRES)));
    match all.is_empty() {
        true => Value::Null,
        false => serde_json::to_value(all).unwrap_or(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use agentsync_core::Dialect;

    use super::*;

    fn read(regions: &str, touches: &[&str]) -> Vec<String> {
        let texts: Vec<String> = touches.iter().map(|text| (*text).to_owned()).collect();
        let spec = |text: &str| PathSpec::read(text, Dialect::Agentsync);
        Regions::read(regions).touches(&texts, spec).iter().map(PathSpec::to_string).collect()
    }

    #[test]
    fn what_is_rendered_is_read_again() {
        let specs: Vec<PathSpec> = ["a.rs#f", "a.rs#S.g:sign", "b.rs:3-9", "c.rs"]
            .iter()
            .filter_map(|text| PathSpec::parse(text, &[]).ok())
            .collect();
        let wire = render(&specs, &[]).to_string();
        assert_eq!(read(&wire, &["a.rs", "b.rs", "c.rs"]), ["a.rs#f", "a.rs#S.g:sign", "b.rs:3-9", "c.rs"]);
    }

    #[test]
    fn a_region_that_cannot_be_read_leaves_its_file_whole() {
        let one = r#"{"path":"a.rs","symbol":"f"}"#;
        assert_eq!(read(&format!("[{one}]"), &["a.rs"]), ["a.rs#f"]);
        for other in [
            r#"{"path":"a.rs"}"#,
            r#"{"path":"a.rs","symbol":"f","mode":"later"}"#,
            r#"{"path":"a.rs","symbol":7}"#,
            r#"{"path":"a.rs","lines":[9,3]}"#,
        ] {
            assert_eq!(read(&format!("[{one},{other}]"), &["a.rs"]), ["a.rs"], "{other}");
        }
        assert_eq!(read("7", &["a.rs"]), ["a.rs"]);
        assert_eq!(read(r#"[{"path":"src/*.rs","symbol":"f"}]"#, &["src/*.rs"]), ["src/*.rs"]);
        assert_eq!(read(r#"[{"path":"a.rs","symbol":"f","of":"requires"}]"#, &["a.rs"]), ["a.rs"]);
    }
}
