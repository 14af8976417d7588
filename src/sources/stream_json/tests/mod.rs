//! Tests over data of the project's own.
