//! What bad input gets: one error that says what, why and what to do next, and nothing written.
