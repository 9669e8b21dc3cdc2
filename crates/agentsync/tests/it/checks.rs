//! Trial merges, uncommitted work and branches that nobody claimed.
