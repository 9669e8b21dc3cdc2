//! Who is in the house: bounds the connections, and sends all home at the end.

use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// More clients than any test has, fewer threads than any machine bears.
const MAX_CONNECTIONS: usize = 128;

/// The connections of a host.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    guests: Mutex<Guests>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Guests {
    closed: bool,
    n_admitted: u64,
    inside: BTreeMap<u64, TcpStream>,
}

impl Gate {
    /// Waits for room and returns a ticket, or none when the gate is closed.
    pub(crate) fn admit(&self, stream: &TcpStream) -> io::Result<Option<u64>> {
        let stream = stream.try_clone()?;
        let is_full = |guests: &mut Guests| !guests.closed && MAX_CONNECTIONS <= guests.inside.len();
        let mut guests = self.bell.wait_while(self.guests.lock().unwrap(), is_full).unwrap();
        if guests.closed {
            return Ok(None);
        }
        guests.n_admitted += 1;
        let ticket = guests.n_admitted;
        guests.inside.insert(ticket, stream);
        Ok(Some(ticket))
    }

    /// Takes a ticket back.
    pub(crate) fn leave(&self, ticket: u64) {
        self.guests.lock().unwrap().inside.remove(&ticket);
        self.bell.notify_all();
    }

    /// Waits for `time`, or until the gate closes.
    pub(crate) fn pause(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let guests = self.guests.lock().unwrap();
        let _ = self.bell.wait_timeout_while(guests, time, |guests| !guests.closed).unwrap();
    }

    /// Lets nobody in any more and ends all conversations.
    pub(crate) fn close(&self) {
        let mut guests = self.guests.lock().unwrap();
        guests.closed = true;
        for stream in guests.inside.values() {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.bell.notify_all();
    }
}
