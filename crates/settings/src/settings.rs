//! Loading, and what a loaded configuration can say of itself.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use crate::choices::Role;
use crate::describe;
use crate::edges::{BrokerUrl, DatabaseUrl};
use crate::error::{Origin, Problem, SettingsError};
use crate::group::Group;
use crate::index::{by_key, sections};
use crate::layers::gather;
use crate::options::Values;
use crate::reader::{Effective, Reader};
use crate::sources::Sources;
use crate::value::Scope;

/// A configuration that was read without problems. It is cheap to clone, and gives its
/// [`Values`] by dereference: `settings.http.addr`.
#[derive(Clone, Debug)]
pub struct Settings {
    values: Arc<Values>,
    effective: Arc<[Effective]>,
}

impl Deref for Settings {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.values
    }
}

impl Settings {
    /// Reads a configuration: defaults < file < `.env` < environment < flags. Nothing but the
    /// sources, and the files that they name, is read.
    ///
    /// # Errors
    /// Every unknown key and every value that is not accepted, one line each.
    pub fn load(sources: Sources) -> Result<Self, SettingsError> {
        let scope = scope(&sources);
        let layers = gather(sources);
        let mut reader = Reader::new(sections(), &layers.given, scope);
        let values = Values::read("", &mut reader);
        let Reader { effective, problems, .. } = reader;
        SettingsError::unless_none(layers.problems.iter().cloned().chain(problems).collect())?;
        // Without problems every option was read.
        let values = values.ok_or_else(SettingsError::default)?;
        Ok(Self { values: Arc::new(values), effective: effective.into() })
    }

    /// Checks that the values fit each other. A server checks before it starts; a client need not.
    ///
    /// # Errors
    /// Every misfit, one line each.
    pub fn check(&self) -> Result<(), SettingsError> {
        SettingsError::unless_none(self.misfits())
    }

    /// The values in effect with their origins, secrets masked, in the order of declaration.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// The values in effect with their origins, secrets masked, as text for `config show`.
    pub fn show(&self) -> String {
        describe::show(&self.effective)
    }

    /// Whether nobody said otherwise about the option.
    pub fn is_default(&self, key: &str) -> bool {
        self.origin(key) == Origin::Default
    }

    /// The database of a role: its own, else the one for all.
    pub fn database_of(&self, role: Role) -> &DatabaseUrl {
        let own = match role {
            Role::Orders => &self.orders.database_url,
            Role::Payments => &self.payments.database_url,
            Role::Processing => &self.processing.database_url,
            Role::Catalog => &self.catalog.database_url,
            Role::Notifications => &self.notifications.database_url,
            Role::Provider => &self.provider.database_url,
        };
        own.as_ref().unwrap_or(&self.database_url)
    }

    /// Values that contradict each other.
    fn misfits(&self) -> Vec<Problem> {
        let mut misfits = Vec::new();
        let (database, provider) = (self.retry.database, self.retry.provider);
        for (name, base, cap) in
            [("database", database.base, database.cap), ("provider", provider.base, provider.cap)]
        {
            if base > cap {
                let cap = self.shown(&format!("retry.{name}.cap"));
                misfits.push((
                    format!("retry.{name}.base"),
                    format!("is longer than retry.{name}.cap, which is {cap}"),
                ));
            }
        }
        if self.kafka.password.is_some() != self.kafka.username.is_some() {
            misfits.push((
                "kafka.username".to_owned(),
                "goes with kafka.password; give both or neither".to_owned(),
            ));
        }
        if self.postgres.owner_password.is_some() && self.postgres.owner.is_none() {
            let why = "is nobody's; say whose in postgres.owner";
            misfits.push(("postgres.owner_password".to_owned(), why.to_owned()));
        }
        if self.processing.elsewhere && self.broker_url == BrokerUrl::Embedded {
            let why = "needs a broker over which the other system hears of orders; set broker_url";
            misfits.push(("processing.elsewhere".to_owned(), why.to_owned()));
        }
        if self.http.idempotency_wait > self.http.request_timeout {
            let timeout = self.shown("http.request_timeout");
            let why = format!("is longer than http.request_timeout, which is {timeout}");
            misfits.push(("http.idempotency_wait".to_owned(), why));
        }
        if self.http.max_streams >= self.http.max_connections {
            let connections = self.shown("http.max_connections");
            let why = format!(
                "leaves no connection to others; make it less than http.max_connections, which is {connections}"
            );
            misfits.push(("http.max_streams".to_owned(), why));
        }
        for role in Role::ALL.iter().copied().filter(|role| *role != Role::Provider) {
            let key = format!("{role}.database_url");
            if !self.is_default(&key) && matches!(self.database_of(role), DatabaseUrl::Sqlite { .. }) {
                let why = "names a directory, but on SQLite the services share that of database_url";
                misfits.push((key, why.to_owned()));
            }
        }
        let problem = |(key, why): (String, _)| Problem::Unfit {
            shown: self.shown(&key),
            origin: self.origin(&key),
            key,
            why,
        };
        misfits.into_iter().map(problem).collect()
    }

    fn shown(&self, key: &str) -> String {
        self.find(key).map(|found| found.value.clone()).unwrap_or_default()
    }

    fn origin(&self, key: &str) -> Origin {
        self.find(key).map_or(Origin::Default, |found| found.origin.clone())
    }

    fn find(&self, key: &str) -> Option<&Effective> {
        let option = by_key(key)?;
        self.effective.iter().find(|found| found.key == option.key)
    }
}

/// The directories that values may refer to (XDG Base Directory Specification, version 0.8:
/// a relative `$XDG_DATA_HOME` is ignored). Without a home it is `data` in the working directory.
fn scope(sources: &Sources) -> Scope {
    let absolute = |name| sources.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = absolute("HOME");
    let data_home = absolute("XDG_DATA_HOME").or_else(|| home.as_ref().map(|home| home.join(".local/share")));
    Scope { data_dir: data_home.map_or_else(|| "data".into(), |dir| dir.join("ordo")), home }
}
