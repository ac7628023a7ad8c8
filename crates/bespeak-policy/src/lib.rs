//! What one keeps to oneself: standing rules and preferences.
//!
//! No message can name anything that lives here, because the crate that defines messages cannot see this one. Start
//! with [`auto`], a vendor's rule for answering without a person.

pub mod auto;
