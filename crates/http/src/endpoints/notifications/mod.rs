//! What customers were told.

pub(crate) mod list;
pub(crate) mod resend;
