//! Finish, provision and invitations, with a program that answers like GitHub's.
