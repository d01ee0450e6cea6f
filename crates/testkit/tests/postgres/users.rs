//! Users that may do no more than their service needs, made by the owner of the schemas, who is no superuser.

use std::sync::OnceLock;

use async_trait::async_trait;
use engine::{Fault, Key, Store};
use futures::future::{Either, select, try_join_all};
use store_postgres::{Access, Changes, Migration, OpenError, PostgresStore, Session, Tables};
use testkit::conformance::{Tally, TallyState, run};
use testkit::patience::until;
use tokio::runtime::Handle;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use super::place::{Place, admit, database, said};
use super::{TallyTables, url};

/// Several times and at once, as when every deployment migrates.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_user_reaches_the_tables_of_its_service_and_nothing_else() {
    run(async {
        let place = Place::new().await;
        try_join_all(["ours", "theirs", "ours", "theirs"].map(|user| place.admit(user))).await.unwrap();
        // What others were given there meanwhile, by whomever, is theirs no longer.
        let ours = place.user("ours");
        for given in [
            "GRANT ALL ON SCHEMA theirs TO PUBLIC; GRANT ALL ON theirs.tallies TO PUBLIC".to_owned(),
            format!("GRANT ALL ON SCHEMA ours TO {ours}; GRANT ALL ON ALL TABLES IN SCHEMA ours TO {ours}"),
            format!("GRANT ALL ON SEQUENCE ours.fencing TO {ours}"),
        ] {
            said(&place.superusers_url(), &given).await.unwrap();
        }
        try_join_all(["ours", "theirs"].map(|user| place.admit(user))).await.unwrap();
        let store = PostgresStore::open(place.service("ours"), TallyTables).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.load(&[Key::name("k")], &[]).await.unwrap()[0].state.is_none());
        tx.commit().await.unwrap();

        let ours = place.url("ours");
        for allowed in [
            "SELECT * FROM ours.migrations",
            "INSERT INTO ours.tallies VALUES ('k', 1)",
            "UPDATE ours.tallies SET count = 2",
            "DELETE FROM ours.tallies",
            "SELECT nextval('ours.fencing')",
        ] {
            assert_eq!(said(&ours, allowed).await, Ok(()), "{allowed}");
        }
        for denied in [
            "SELECT FROM theirs.tallies",
            "INSERT INTO theirs.tallies VALUES ('k', 1)",
            "SELECT nextval('theirs.fencing')",
            "CREATE TABLE ours.more (a int)",
            "CREATE TABLE theirs.more (a int)",
            "CREATE SCHEMA more",
            "CREATE ROLE more",
            "ALTER TABLE ours.tallies ADD COLUMN a int",
            "DROP TABLE ours.tallies",
            "TRUNCATE ours.tallies",
            "SELECT setval('ours.fencing', 1)",
            "INSERT INTO ours.migrations VALUES (99, 'more', '')",
            "UPDATE ours.migrations SET checksum = ''",
            "DELETE FROM ours.migrations",
            "DROP TABLE ours.migrations",
            "DROP SCHEMA ours CASCADE",
        ] {
            assert_eq!(said(&ours, denied).await, Err(SqlState::INSUFFICIENT_PRIVILEGE), "{denied}");
        }
        place.clear().await;
    });
}

/// Two that change rights on one database at once would disturb each other, so they wait for a lock that all versions know.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn those_who_make_users_take_turns() {
    run(async {
        let place = Place::new().await;
        let (first, connection) = tokio_postgres::connect(&place.superusers_url(), NoTls).await.unwrap();
        let connection = Handle::current().spawn(connection);
        let lock = "BEGIN; SELECT pg_advisory_xact_lock(hashtext('ordo users'), 0)";
        first.batch_execute(lock).await.unwrap();
        let second = Box::pin(place.admit("ours"));
        let waits = until("the second one waits", async || {
            let sql = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            (!first.query(sql, &[]).await.unwrap().is_empty()).then_some(())
        });
        let Either::Right(((), second)) = select(second, Box::pin(waits)).await else {
            panic!("the second one did not wait");
        };
        first.batch_execute("COMMIT").await.unwrap();
        second.await.unwrap();
        connection.abort();
        place.clear().await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_password_that_the_url_has_by_now_is_taken_over() {
    run(async {
        let place = Place::new().await;
        place.admit("ours").await.unwrap();
        assert_eq!(said(&place.url("ours"), "SELECT").await, Ok(()));
        let changed = place.url_with("ours", "it%27s%20%22changed%22");
        admit(&database(&changed, "ours"), &place.owner_of("ours"), &TallyTables).await.unwrap();
        assert_eq!(said(&changed, "SELECT").await, Ok(()));
        assert_eq!(said(&place.url("ours"), "SELECT").await, Err(SqlState::INVALID_PASSWORD));
        place.clear().await;
    });
}

/// Who may not write needs to write nothing; who has to is told who may.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_store_that_lacks_nothing_is_opened_as_it_is() {
    run(async {
        let place = Place::new().await;
        let error = PostgresStore::open(place.service("ours"), TallyTables).await.err().unwrap();
        assert!(matches!(error, OpenError::Unavailable { .. }), "there is no such user yet: {error:?}");
        place.admit("ours").await.unwrap();
        PostgresStore::open(place.service("ours"), TallyTables).await.unwrap();
        let reading = format!("{}?options=-c%20default_transaction_read_only%3Don", place.url("ours"));
        PostgresStore::open(database(&reading, "ours"), TallyTables).await.unwrap();

        let error = PostgresStore::open(place.service("ours"), NewerTables).await.err().unwrap();
        let (schema, migration) = ("ours".to_owned(), "tally/0002_more");
        assert_eq!(error, OpenError::Missing { schema, migration });
        assert!(error.to_string().contains("ORDO_POSTGRES_OWNER"), "{error}");
        admit(&place.service("ours"), &place.owner_of("ours"), &NewerTables).await.unwrap();
        PostgresStore::open(place.service("ours"), NewerTables).await.unwrap();
        assert_eq!(said(&place.url("ours"), "DELETE FROM ours.more").await, Ok(()), "a later table too");
        place.clear().await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn an_owner_who_may_make_no_users_is_told_so() {
    run(async {
        let place = Place::new().await;
        said(&url(), &format!("ALTER ROLE {} NOCREATEROLE", place.user("owner"))).await.unwrap();
        let told = place.admit("ours").await.unwrap_err().to_string();
        assert!(told.contains("let a superuser say ALTER ROLE") && told.lines().count() == 1, "{told}");
        assert_eq!(said(&place.url("ours"), "SELECT").await, Err(SqlState::INVALID_PASSWORD));
        place.clear().await;
    });
}

/// It may be an administrator whom somebody named by mistake: its password and its rights stay as they are.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_user_that_may_do_more_than_a_service_is_left_alone() {
    run(async {
        let place = Place::new().await;
        let ours = place.user("ours");
        said(&url(), &format!("CREATE ROLE {ours} LOGIN SUPERUSER PASSWORD 'before'")).await.unwrap();
        let told = place.admit("ours").await.unwrap_err().to_string();
        assert!(told.contains("it is a superuser, "), "{told}");
        assert_eq!(
            said(&place.url_with("ours", "before"), "CREATE ROLE ours_too; DROP ROLE ours_too").await,
            Ok(())
        );
        place.clear().await;
    });
}

/// What a role may whose member it is, it may too.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_user_that_inherits_more_than_a_service_needs_is_left_alone() {
    run(async {
        let place = Place::new().await;
        let (ours, group) = (place.user("ours"), place.user("group"));
        place.admit("ours").await.unwrap();
        said(&url(), &format!("CREATE ROLE {group}; GRANT {group} TO {ours}")).await.unwrap();
        place.admit("ours").await.unwrap();
        for (mighty, named) in [
            (format!("GRANT pg_write_all_data TO {group}"), "pg_write_all_data"),
            (format!("ALTER ROLE {group} SUPERUSER"), &*group),
        ] {
            said(&url(), &mighty).await.unwrap();
            let told = place.admit("ours").await.unwrap_err().to_string();
            assert!(told.contains("it is a member of ") && told.contains(named), "{told}");
        }
        said(&url(), &format!("DROP OWNED BY {group}; DROP ROLE {group}")).await.unwrap();
        place.clear().await;
    });
}

/// As a service's user does that migrated itself until now.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_user_that_owns_its_tables_has_to_give_them_away() {
    run(async {
        let place = Place::new().await;
        let (ours, owner, at) = (place.user("ours"), place.user("owner"), place.superusers_url());
        said(
            &at,
            &format!(
                "CREATE ROLE {ours} LOGIN PASSWORD 'ours'; GRANT CREATE ON DATABASE {} TO {ours}",
                place.name
            ),
        )
        .await
        .unwrap();
        PostgresStore::open(place.service("ours"), TallyTables).await.unwrap();
        let told = place.admit("ours").await.unwrap_err().to_string();
        assert!(told.contains("permission denied for schema ours") && told.lines().count() == 1, "{told}");
        let told = admit(&place.service("ours"), &database(&at, "ours"), &TallyTables)
            .await
            .unwrap_err()
            .to_string();
        assert!(told.contains("it may make schemas, owns the schema or a part of it; "), "{told}");
        said(
            &at,
            &format!(
                "REASSIGN OWNED BY {ours} TO {owner}; REVOKE CREATE ON DATABASE {} FROM {ours}",
                place.name
            ),
        )
        .await
        .unwrap();
        place.admit("ours").await.unwrap();
        PostgresStore::open(place.service("ours"), TallyTables).await.unwrap();
        let dropped = said(&place.url("ours"), "DROP TABLE ours.tallies").await;
        assert_eq!(dropped, Err(SqlState::INSUFFICIENT_PRIVILEGE));
        place.clear().await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn an_owner_needs_no_access_and_nobody_gets_none() {
    run(async {
        let place = Place::new().await;
        let owner = place.owner_of("ours");
        assert!(Access::of(&owner, &owner).unwrap().is_none());
        let nobody = database("postgres://127.0.0.1/ordo", "ours");
        let told = Access::of(&nobody, &owner).err().unwrap().to_string();
        assert!(told.contains("it names no user"), "{told}");
        place.clear().await;
    });
}

/// The tables of the next release.
struct NewerTables;

#[async_trait]
impl Tables<Tally> for NewerTables {
    fn migrations(&self) -> &'static [Migration] {
        static MIGRATIONS: OnceLock<Vec<Migration>> = OnceLock::new();
        let more =
            Migration { name: "tally/0002_more", up: "CREATE TABLE more (a int)", down: "DROP TABLE more" };
        MIGRATIONS.get_or_init(|| [TallyTables.migrations(), &[more]].concat())
    }

    async fn load(
        &self,
        session: &Session,
        keys: &[Key],
        lock: bool,
    ) -> Result<Vec<(Key, TallyState)>, Fault> {
        TallyTables.load(session, keys, lock).await
    }

    async fn insert(&self, session: &Session, states: &Changes<'_, TallyState>) -> Result<(), Fault> {
        TallyTables.insert(session, states).await
    }

    async fn update(&self, session: &Session, states: &Changes<'_, TallyState>) -> Result<(), Fault> {
        TallyTables.update(session, states).await
    }
}
