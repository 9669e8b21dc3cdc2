//! Everything that asks git: the one door that starts it, and what is read through it.

pub mod address;
pub mod arriving;
pub mod branches_repo;
pub mod changes;
pub mod checkout;
pub mod command;
pub mod incoming;
pub mod merge_tree;
pub mod signers;
pub mod ssh_keygen;
#[cfg(test)]
mod test_repo;
pub mod user_repo;
pub mod versions;
pub mod work;
