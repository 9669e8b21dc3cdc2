//! The steps of a write, and what each leaves behind when the process dies there.

/// Every step at which a process must have died in the matrix.
pub(crate) const STEPS: [(&str, &str); 53] = [
    // The queue of a clone: whoever waits.
    ("ride written", "a change lies beside the queue"),
    ("ride waits", "a change waits whose owner is gone"),
    ("answer read", "the answer was fetched, nobody heard it"),
    // The queue: whoever leads.
    ("lead had", "the lead is free again"),
    ("boat made", "a boat lies beside the queue"),
    ("boat launched", "an empty boat without a leader"),
    ("change aboard", "a change aboard, nothing noted"),
    ("beside batch", "a half journal beside its place"),
    ("replaced batch", "the journal names what was to be pushed"),
    ("before an answer", "pushed, and no answer written"),
    ("answer not written", "the same"),
    ("answer written", "an answer written, its change still aboard"),
    ("after an answer", "one is answered, the journal stands"),
    ("before the batch is cleared", "all are answered, the journal stands"),
    ("batch cleared", "all is done, an empty boat is left"),
    ("before it is put back", "no leave to push, a change still aboard"),
    ("beside hold", "why all wait, beside its place"),
    ("replaced hold", "all are told to wait for leave"),
    // Turns between clones, and the budget of the remote.
    ("ticket drawn", "a ticket beside the line"),
    ("ticket in line", "a ticket whose owner is gone"),
    ("turn taken", "the turn is free again"),
    ("budget locked", "a lock that ends with its process"),
    ("beside budget", "the push counted, and not written"),
    ("replaced budget", "the push counted, and not made"),
    ("leave had", "the push counted, and not made"),
    // The private repository.
    ("cache made", "a repository beside its place"),
    ("edition held", "a shared lock that ends with its process"),
    ("before fetch", "nothing"),
    ("after fetch", "fetched, and not looked at"),
    ("beside audit", "the audit's findings beside their place"),
    ("replaced audit", "audited, and the tip not noted as seen"),
    ("renewal begun", "a lock that ends with its process"),
    ("edition half copied", "a repository that is not whole"),
    ("edition copied", "a whole one that is not in its place"),
    ("edition switched", "two editions"),
    ("edition carried over", "two editions, the old one of no use"),
    // The write itself.
    ("blob written", "an object that nothing names"),
    ("chain written", "commits that nothing names"),
    ("before push", "the same"),
    ("after push", "done, and known to nobody here"),
    // What is noted after it.
    ("beside board", "the hooks' copy beside its place"),
    ("replaced board", "the copy is newer than the tip seen"),
    ("beside seen", "the seen tip beside its place"),
    ("replaced seen", "the seen tip is noted"),
    ("replaced recency", "a hint"),
    ("replaced latest", "the tip for other clones"),
    ("replaced pace", "a hint"),
    // Waiting in line.
    ("ticket stands", "a ticket on the board, nobody waits"),
    ("beside sightings", "what was seen of leases, beside its place"),
    ("replaced sightings", "what was seen of leases"),
    ("before leaving", "a ticket on the board, nobody waits"),
    // Clones that hand objects to each other.
    ("beside object", "a copied object beside its place"),
    ("replaced object", "a copied object that nothing names"),
];
