//! The shape of the source: which way the arrows point, and how long files are.
