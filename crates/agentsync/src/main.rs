//! The program: everything happens in the library's rooms.
fn main() {}
