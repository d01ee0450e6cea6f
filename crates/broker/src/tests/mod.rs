//! What goes out comes in again, and whatever else comes in is a record too.

mod buffer;
mod event;
