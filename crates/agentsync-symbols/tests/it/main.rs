//! The extractors on cases written by hand, and on what no hand would write.

mod cases;
mod render;
