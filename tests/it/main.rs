//! Integration tests: what holds across layers, told through the public interface only.

mod laws;
mod scenarios;
