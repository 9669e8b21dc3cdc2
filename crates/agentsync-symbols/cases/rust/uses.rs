extern crate serde as s;
use std::collections::{BTreeMap, HashMap as Map, hash_map::{self, Entry}};
use crate::auth::User;
pub use self::inner::*;
pub(crate) use super::{a, b::c as d};
use log;
use std::io::Write as _;
use ::core::mem;

mod inner;
mod other {
    use super::*;

    fn f() {
        use crate::x::y;
    }
}
