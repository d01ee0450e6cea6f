//! The smallest service there is, and its tables.

use engine::store::Existing;
use engine::{Change, Context, Draft, Key, Malformed, Message, Outcome, Reaction, Service};
use rusqlite::{Connection, OptionalExtension, params};
use store_sqlite::{DataDirectory, KeyColumn, Migration, OpenError, SqliteSettings, SqliteStore, Tables};

/// Keeps a number under a key.
pub struct Small;

impl Service for Small {
    const NAME: &'static str = "small";
    const REACTIONS: &'static [Reaction] = &[];
    type Input = u32;
    type State = u32;
    type Reply = ();
    type Refusal = ();

    fn decode(&self, _: &str, _: &str, data: &str) -> Result<u32, Malformed> {
        Ok(serde_json::from_str(data)?)
    }

    fn handle(&self, draft: &mut Draft<'_, u32>, message: &Message<u32>, _: &Context) -> Outcome<Self> {
        draft.put(&message.key, message.input);
        Outcome::Change(Change::new().reply(()))
    }
}

/// The first release's migrations.
pub const FIRST: &[Migration] = &[Migration {
    name: "small/0001_small",
    up: "CREATE TABLE small (key ANY NOT NULL PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    down: "DROP TABLE small",
}];

/// The tables, as one release or another has them.
pub struct SmallTables(pub &'static [Migration]);

impl Tables<Small> for SmallTables {
    fn migrations(&self) -> &'static [Migration] {
        self.0
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<u32>> {
        let mut statement = conn.prepare_cached("SELECT number FROM small WHERE key = ?1")?;
        statement.query_row([KeyColumn(key)], |row| row.get(0)).optional()
    }

    fn save(&self, conn: &Connection, key: &Key, state: &u32, existing: Existing) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => "INSERT INTO small (key, number) VALUES (?1, ?2)",
            Existing::Yes => "UPDATE small SET number = ?2 WHERE key = ?1",
        };
        conn.prepare_cached(sql)?.execute(params![KeyColumn(key), state]).map(drop)
    }
}

/// Opens the store of this release.
pub fn open(
    directory: &DataDirectory,
    migrations: &'static [Migration],
) -> Result<SqliteStore<Small>, OpenError> {
    SqliteStore::open(directory, SmallTables(migrations), SqliteSettings::default())
}
