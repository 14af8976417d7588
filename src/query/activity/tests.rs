//! Tests of activity.
