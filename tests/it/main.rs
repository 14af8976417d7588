
mod multi_recorded;
