//! Docs that mention Nobody.

use std::fmt;

/// A user.
#[derive(Debug, Clone)]
pub struct User<'a> {
    pub name: &'a str,
    #[cfg(feature = "age")]
    age: u32,
}

pub(crate) struct Point(pub f64, f64);
struct Unit;

pub enum Shape {
    Circle(f64),
    Square { side: f64 },
    Empty,
    Fixed = 3,
}

pub trait Store<K>: Closer + fmt::Debug + 'static {
    type Item;
    const LIMIT: usize;
    fn get(&self, key: K) -> Result<Self::Item, Error>;
    fn size(&self) -> usize {
        0
    }
    fn open(path: &str) -> Self;
}

impl<'a> User<'a> {
    const MAX: u32 = 3;

    pub fn new(name: &'a str) -> Self {
        Self { name, age: 0 }
    }

    async fn rename(&mut self, to: &str, _: u8) {}
}

impl From<Point> for Shape {
    fn from(p: Point) -> Self {
        Self::Circle(p.0)
    }
}

impl<T: Store<u8>> fmt::Display for &mut Wrapper<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

type Pair = (u8, u8);
pub static COUNT: AtomicUsize = AtomicUsize::new(0);
const _: () = assert!(true);

macro_rules! list {
    ($($x:expr),*) => { build(vec![$($x),*]) };
}

extern "C" {
    fn strlen(s: *const c_char) -> usize;
}

union Bits {
    a: u32,
}
