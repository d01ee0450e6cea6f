//! The owner of the schemas, who makes tables so that services need not.

use std::fmt;

use crate::open_error::OpenError;
use crate::session::Database;

/// A user who owns the schemas of services. The password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// What the user is called.
    pub user: String,
    /// The password, if the server asks for one.
    pub password: Option<String>,
}

impl fmt::Debug for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Owner")
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .finish()
    }
}

impl Owner {
    /// A service's database, as the owner signs in to it.
    ///
    /// # Errors
    /// [`OpenError::Url`].
    pub fn sign_in(&self, database: &Database) -> Result<Database, OpenError> {
        // Not the service's password, even where nobody asks for one.
        database.signed_in_as(&self.user, self.password.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let owner = Owner { user: "ordo".to_owned(), password: Some("hunter2".to_owned()) };
        let printed = format!("{owner:?}");
        assert!(printed.contains("***") && !printed.contains("hunter2"), "{printed}");
    }
}
