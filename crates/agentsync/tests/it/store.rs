//! One contract for every place a board can be in, and races on it.
