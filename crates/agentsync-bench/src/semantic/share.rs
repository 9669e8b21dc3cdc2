//! Shares of a whole, with the interval in which the true one lies.

/// So many of so many.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    pub(crate) n: usize,
    pub(crate) of: usize,
}

impl Share {
    /// Counts those that are.
    pub(crate) fn of<T>(all: &[T], is: impl Fn(&T) -> bool) -> Share {
        Share { n: all.iter().filter(|one| is(one)).count(), of: all.len() }
    }

    /// Returns Wilson's interval for 95 %.
    #[expect(clippy::cast_precision_loss, reason = "counts of merges")]
    pub(crate) fn interval(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (n, z) = (self.of as f64, 1.959_964_f64);
        let p = self.n as f64 / n;
        let middle = p + z * z / (2.0 * n);
        let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + z * z / n;
        (((middle - spread) / whole).max(0.0), ((middle + spread) / whole).min(1.0))
    }

    /// Writes it: `17/24 = 70.8 % (50.8–85.1)`.
    #[expect(clippy::cast_precision_loss, reason = "counts of merges")]
    pub(crate) fn render(self) -> String {
        if self.of == 0 {
            return String::new();
        }
        let (low, high) = self.interval();
        let part = self.n as f64 / self.of as f64;
        format!("{}/{} = {:.1} % ({:.1}–{:.1})", self.n, self.of, part * 100.0, low * 100.0, high * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = Share { n: 1, of: 417 }.interval();
        assert!((low - 0.0004).abs() < 0.0001 && (high - 0.0135).abs() < 0.0002, "{low} {high}");
    }
}
