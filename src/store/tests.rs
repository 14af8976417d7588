//! Laws of the store are in `tests/it/laws.rs`; here are the small parts.
