//! Access: the user that a service signs in as, and what it may do. The owner of the service's schema makes both.
//!
//! It guarantees that the user may read and write the service's tables, and neither make, change nor drop one; and that the
//! server is told how to check the password, but not the password. It deliberately takes nothing away from a user that is
//! mightier than that: whose it is, an operator knows. What is neither this user's nor in this schema stays as it is.

use engine::Fault;
use postgres_protocol::password::scram_sha_256;
use tokio_postgres::types::Type;

use crate::columns::column;
use crate::migrations::LOCK;
use crate::name::quoted;
use crate::open_error::OpenError;
use crate::session::{Database, Guarded, Session};

/// What begins it. A right that the owner cannot grant is looked for, not warned of.
const BEGIN: &str = "BEGIN; SET LOCAL client_min_messages = error";
/// Lets one at a time make users and grant rights in a database: two that do so at once would disturb each other.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(hashtext('ordo users'), 0)";
/// Who the owner is, and whether it may make users.
const OWNER: &str =
    "SELECT current_user::text, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user";
/// What the user has that no service needs, itself or by the roles it is a member of. No row: there is no such user.
const EXCESS: &str = "SELECT concat_ws(', ',
        CASE WHEN rolsuper THEN 'is a superuser' END,
        CASE WHEN rolcreaterole THEN 'may make users' END,
        CASE WHEN rolcreatedb THEN 'may make databases' END,
        CASE WHEN rolreplication THEN 'may replicate' END,
        CASE WHEN rolbypassrls THEN 'passes over row security' END,
        CASE WHEN pg_has_role(r.oid, current_user::name, 'MEMBER') THEN 'may do what the owner may' END,
        (SELECT 'is a member of ' || string_agg(quote_ident(m.rolname), ' and ' ORDER BY m.rolname) FROM pg_roles AS m
            WHERE NOT r.rolsuper AND m.oid <> r.oid AND m.rolname <> current_user AND pg_has_role(r.oid, m.oid, 'MEMBER')
            AND (m.rolsuper OR m.rolcreaterole OR m.rolcreatedb OR m.rolreplication OR m.rolbypassrls
            OR m.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_read_server_files',
            'pg_write_server_files', 'pg_execute_server_program'))),
        CASE WHEN has_database_privilege(r.oid, current_database(), 'CREATE') THEN 'may make schemas' END,
        CASE WHEN EXISTS (SELECT FROM pg_namespace AS n LEFT JOIN pg_class AS c ON c.relnamespace = n.oid
            WHERE n.nspname = $2 AND (r.oid IN (n.nspowner, c.relowner)
            OR NOT r.rolsuper AND n.nspowner <> current_user::regrole AND pg_has_role(r.oid, n.nspowner, 'MEMBER'))) THEN 'owns the schema or a part of it' END)
    FROM pg_roles AS r WHERE rolname = $1::name";
/// The names of the database, of the schema, of its tables, of those that are written to, and of its sequences. Relations that
/// are not the owner's are not ordo's.
const RELATIONS: &str = "SELECT quote_ident(current_database()), quote_ident($1),
        coalesce(string_agg(relation, ', ') FILTER (WHERE kind <> 'S'), ''),
        coalesce(string_agg(relation, ', ') FILTER (WHERE kind <> 'S' AND name <> 'migrations'), ''),
        coalesce(string_agg(relation, ', ') FILTER (WHERE kind = 'S'), '')
    FROM (SELECT relname AS name, relkind AS kind, format('%I.%I', $1, relname) AS relation
        FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p', 'S')
        AND pg_has_role(relowner, 'USAGE')) AS own";
/// Whether the user may connect to the database.
const CONNECTS: &str = "SELECT has_database_privilege($1::name, current_database(), 'CONNECT')";

/// A service's user, as the owner of the schema sees it.
pub struct Access {
    owner: Database,
    user: String,
    password: Option<Vec<u8>>,
}

impl Access {
    /// The access of the user that a service's URL names. None: that is the owner, who needs none.
    ///
    /// # Errors
    /// [`OpenError::Url`] if it names nobody.
    pub fn of(service: &Database, owner: &Database) -> Result<Option<Self>, OpenError> {
        let config = service.config();
        let nobody = || OpenError::Url("it names no user to be made".to_owned());
        let user = config.get_user().ok_or_else(nobody)?;
        if owner.config().get_user() == Some(user) {
            return Ok(None);
        }
        let password = config.get_password().map(<[u8]>::to_vec);
        Ok(Some(Self { owner: owner.clone(), user: user.to_owned(), password }))
    }

    /// What the user is called.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Makes the user if it is not there, lets it sign in with the URL's password, and gives it the rights that the service
    /// needs on the tables that there are. All of it or nothing, also while others do the same.
    ///
    /// # Errors
    /// [`OpenError::User`] if the owner may not, or if the user is one that no service should be.
    pub async fn grant(&self) -> Result<(), OpenError> {
        let session = self.begin().await.map_err(|fault| self.failed(fault))?;
        let standing = self.standing(&session).await.map_err(|fault| self.failed(fault))?;
        if let Some(objection) = standing.objection() {
            return Err(self.refused(objection));
        }
        let granted = self.write(&session, standing.is_there).await;
        match granted.map_err(|fault| self.failed(fault))? {
            true => session.commit().await.map_err(|fault| self.failed(fault)),
            false => {
                Err(self.refused("it may not connect; let the database's owner grant CONNECT".to_owned()))
            }
        }
    }

    async fn begin(&self) -> Result<Guarded, Fault> {
        let session = self.owner.unhurried(BEGIN).await?;
        session.execute(LOCK, &[(&self.owner.schema(), Type::TEXT)]).await?;
        session.execute(ONE_AT_A_TIME, &[]).await?;
        Ok(session)
    }

    async fn standing(&self, session: &Session) -> Result<Standing, Fault> {
        let owner = session.query(OWNER, &[]).await?;
        let user =
            session.query(EXCESS, &[(&self.user, Type::TEXT), (&self.owner.schema(), Type::TEXT)]).await?;
        let excess: Option<String> = user.first().map(|row| column(row, 0)).transpose()?;
        Ok(Standing {
            owner: owner.first().map_or_else(|| Ok(String::new()), |row| column(row, 0))?,
            makes_users: owner.first().map_or(Ok(false), |row| column(row, 1))?,
            is_there: excess.is_some(),
            excess: excess.unwrap_or_default(),
        })
    }

    /// Makes the user and grants. Answers whether the user may connect then, which is not the owner's to grant where another
    /// one has the database.
    async fn write(&self, session: &Session, is_there: bool) -> Result<bool, Fault> {
        session.batch(&signing_in(&self.user, self.password.as_deref(), is_there)).await?;
        for row in session.query(RELATIONS, &[(&self.owner.schema(), Type::TEXT)]).await? {
            let names: Vec<String> = (0..5).map(|at| column(&row, at)).collect::<Result<_, _>>()?;
            session.batch(&rights(&quoted(&self.user), &names)).await?;
        }
        let rows = session.query(CONNECTS, &[(&self.user, Type::TEXT)]).await?;
        rows.first().map_or(Ok(false), |row| column(row, 0))
    }

    fn failed(&self, fault: Fault) -> OpenError {
        match fault {
            Fault::Corrupt(reason) => self.refused(reason),
            fault => self.refused(fault.to_string()),
        }
    }

    fn refused(&self, reason: String) -> OpenError {
        OpenError::User { user: self.user.clone(), schema: self.owner.schema().to_owned(), reason }
    }
}

/// How a schema's owner and a service's user stand.
struct Standing {
    owner: String,
    makes_users: bool,
    is_there: bool,
    /// What the user has that no service needs, in words.
    excess: String,
}

impl Standing {
    /// What speaks against letting this user do the service's work.
    fn objection(&self) -> Option<String> {
        let (owner, excess) = (quoted(&self.owner), &self.excess);
        match self.makes_users {
            false => Some(format!(
                "the owner may make no users; let a superuser say ALTER ROLE {owner} CREATEROLE"
            )),
            true if excess.is_empty() => None,
            true => Some(format!(
                "it {excess}; name another user in the URL, or take that away from it as docs/operations.md says"
            )),
        }
    }
}

/// The statement that makes the user, or lets it sign in as the URL says by now.
fn signing_in(user: &str, password: Option<&[u8]>, is_there: bool) -> String {
    let verb = if is_there { "ALTER" } else { "CREATE" };
    // What the server checks passwords with: it needs no quoting, and whoever reads it in a log cannot sign in with it.
    let verifier = password.map(|password| format!(" PASSWORD '{}'", scram_sha_256(password)));
    format!("{verb} ROLE {} LOGIN{}", quoted(user), verifier.unwrap_or_default())
}

/// The statements that give the user its rights on what [`RELATIONS`] has named, and take from it and from everybody what else
/// they have there.
fn rights(user: &str, names: &[String]) -> String {
    let [database, schema, tables, written, sequences] = names else { return String::new() };
    let only = |right: &str, what: &str, names: &str| {
        format!(
            "REVOKE ALL ON {what} {names} FROM PUBLIC, {user}; GRANT {right} ON {what} {names} TO {user};"
        )
    };
    let mut statements =
        format!("GRANT CONNECT ON DATABASE {database} TO {user};") + &only("USAGE", "SCHEMA", schema);
    if !tables.is_empty() {
        statements += &only("SELECT", "TABLE", tables);
    }
    if !written.is_empty() {
        statements += &format!("GRANT INSERT, UPDATE, DELETE ON TABLE {written} TO {user};");
    }
    if !sequences.is_empty() {
        statements += &only("USAGE", "SEQUENCE", sequences);
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_not_told_the_password() {
        let told = signing_in("a\"b", Some(b"hunter2"), false);
        assert!(told.starts_with("CREATE ROLE \"a\"\"b\" LOGIN PASSWORD 'SCRAM-SHA-256$4096:"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
        assert_eq!(signing_in("ann", None, true), "ALTER ROLE \"ann\" LOGIN");
    }

    #[test]
    fn what_speaks_against_a_user_is_told_with_what_to_do() {
        let told = |makes_users, excess: &str| {
            let (owner, excess) = ("boss".to_owned(), excess.to_owned());
            Standing { owner, makes_users, is_there: true, excess }.objection()
        };
        assert_eq!(told(true, ""), None);
        assert!(told(false, "").unwrap().ends_with("ALTER ROLE \"boss\" CREATEROLE"));
        let mighty = told(true, "is a superuser, may replicate").unwrap();
        assert!(mighty.starts_with("it is a superuser, may replicate; name another"), "{mighty}");
    }
}
