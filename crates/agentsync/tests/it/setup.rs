//! Init, doctor, completions and the demo.
