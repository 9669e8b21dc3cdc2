#[cfg(unix)]
fn open() {}

#[cfg(not(unix))]
/// With docs between.
#[inline]
fn open() {}

#[derive(Debug)]
fn always() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens() {
        open();
    }
}

#[cfg(feature = "x")]
impl Store {
    fn only_x(&self) {}
}
