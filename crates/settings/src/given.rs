//! A value as some layer gives it: a text that nobody has read yet.

use crate::error::Origin;
use crate::value::Form;

/// A value as it was given.
pub(crate) struct Given {
    pub text: String,
    pub form: Form,
    pub origin: Origin,
}
