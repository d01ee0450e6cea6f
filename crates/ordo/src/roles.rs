//! Roles: which services a process runs, and where it listens if nobody says otherwise.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use settings::{BrokerUrl, DatabaseUrl, Role, Settings};

/// The services of the shop, each with the port where it listens when it runs by itself.
const SHOP: [(Role, u16); 5] = [
    (Role::Orders, 8000),
    (Role::Processing, 8001),
    (Role::Payments, 8002),
    (Role::Notifications, 8003),
    (Role::Catalog, 8004),
];
/// Where the payment provider listens when it runs by itself.
const PROVIDER_PORT: u16 = 8005;

/// What a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// The roles that were asked for; none means all there are.
    ///
    /// # Errors
    /// If they cannot run without the others, in a line that says what to do.
    pub fn of(settings: &Settings, asked: &[Role]) -> Result<Self> {
        let elsewhere = settings.processing.elsewhere;
        let shop = SHOP.map(|(role, _)| role).into_iter();
        let shop: Vec<_> = shop.filter(|role| *role != Role::Processing || !elsewhere).collect();
        if asked.is_empty() {
            let provider = settings.payment_url.is_none().then_some(Role::Provider);
            return Ok(Self(shop.into_iter().chain(provider).collect()));
        }
        let roles = Self(once_each(asked));
        let is_whole = shop.iter().all(|role| roles.has(*role));
        if roles.has(Role::Provider) && !is_whole && !roles.is_provider_alone() {
            bail!("the payment provider runs beside the whole shop, or by itself");
        }
        if roles.has(Role::Processing) && elsewhere {
            bail!(
                "processing.elsewhere says that another system processes orders; leave --role processing away"
            );
        }
        let is_part = !is_whole && !roles.is_provider_alone();
        if is_part && settings.broker_url == BrokerUrl::Embedded {
            bail!(
                "without a broker one process runs all services: leave --role away, or set ORDO_BROKER_URL"
            );
        }
        if is_part && roles.has(Role::Payments) && settings.payment_url.is_none() {
            bail!("payments needs the provider that all its instances charge at: set ORDO_PAYMENT_URL");
        }
        let on_sqlite = |role: &Role| matches!(settings.database_of(*role), DatabaseUrl::Sqlite { .. });
        if is_part && shop.iter().any(on_sqlite) {
            bail!("on SQLite one process holds the data: leave --role away, or set ORDO_DATABASE_URL");
        }
        Ok(roles)
    }

    /// Whether the process plays this role.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether it is the payment provider and nothing else.
    pub fn is_provider_alone(&self) -> bool {
        self.0 == [Role::Provider]
    }

    /// Where the process listens.
    pub fn addr(&self, settings: &Settings) -> SocketAddr {
        let mut addr = settings.http.addr;
        if settings.is_default("http.addr") {
            let first = SHOP.iter().find(|(role, _)| self.has(*role));
            addr.set_port(first.map_or(PROVIDER_PORT, |(_, port)| *port));
        }
        addr
    }
}

/// Roles in the order in which they were asked for first.
fn once_each(asked: &[Role]) -> Vec<Role> {
    let is_first = |(at, role): &(usize, &Role)| !asked[..*at].contains(role);
    asked.iter().enumerate().filter(is_first).map(|(_, role)| *role).collect()
}

#[cfg(test)]
mod tests {
    use settings::Sources;

    use super::*;

    fn settings(flags: &[(&str, &str)]) -> Settings {
        let flags = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Settings::load(Sources { flags, ..Sources::default() }).unwrap()
    }

    const FLEET: [(&str, &str); 2] =
        [("database_url", "postgres://db/ordo"), ("broker_url", "kafka://broker:9092")];

    #[test]
    fn without_a_word_all_run_that_are_here() {
        let roles = Roles::of(&settings(&[]), &[]).unwrap();
        let all = Role::ALL;
        assert!(all.iter().all(|role| roles.has(*role)));
        let own = [("payment_url", "http://pay"), ("processing.elsewhere", "true")];
        let roles = Roles::of(&settings(&own), &[]).unwrap();
        assert_eq!(roles, Roles(vec![Role::Orders, Role::Payments, Role::Notifications, Role::Catalog]));
    }

    #[test]
    fn a_part_of_the_shop_needs_a_broker_and_a_database_that_can_be_shared() {
        let refusal = |flags: &[_]| Roles::of(&settings(flags), &[Role::Orders]).unwrap_err().to_string();
        assert!(refusal(&[]).contains("ORDO_BROKER_URL"));
        assert!(refusal(&FLEET[1..]).contains("ORDO_DATABASE_URL"));
        assert!(Roles::of(&settings(&FLEET), &[Role::Orders]).is_ok());
        let payments = Roles::of(&settings(&FLEET), &[Role::Payments]).unwrap_err().to_string();
        assert!(payments.contains("ORDO_PAYMENT_URL"), "{payments}");
        assert!(Roles::of(&settings(&FLEET), &[Role::Provider, Role::Catalog]).is_err());
        assert!(Roles::of(&settings(&[]), &[Role::Provider]).is_ok());
        assert!(
            Roles::of(&settings(&[]), &SHOP.map(|(role, _)| role)).is_ok(),
            "all of it, said role by role"
        );
    }

    #[test]
    fn what_runs_elsewhere_does_not_run_here() {
        let elsewhere = [&FLEET[..], &[("processing.elsewhere", "true")]].concat();
        assert!(Roles::of(&settings(&elsewhere), &[Role::Processing]).is_err());
    }

    /// It is the roles that count, not how many were said.
    #[test]
    fn the_provider_runs_beside_all_roles_that_run_here() {
        let here = [Role::Provider, Role::Orders, Role::Payments, Role::Catalog, Role::Notifications];
        let elsewhere = [&FLEET[..], &[("processing.elsewhere", "true")]].concat();
        assert!(Roles::of(&settings(&elsewhere), &here).is_ok());
        assert!(Roles::of(&settings(&FLEET), &here).is_err(), "processing runs here");
        let orders = [Role::Provider, Role::Orders, Role::Orders, Role::Orders, Role::Orders];
        assert!(Roles::of(&settings(&FLEET), &orders).is_err(), "the same role five times is one");
        assert!(Roles::of(&settings(&[]), &[Role::Provider; 2]).unwrap().is_provider_alone());
    }

    #[test]
    fn every_role_has_a_port_of_its_own_unless_somebody_names_one() {
        let port = |flags: &[_], roles: &[Role]| {
            let settings = settings(flags);
            Roles::of(&settings, roles).unwrap().addr(&settings).port()
        };
        assert_eq!(port(&FLEET, &[]), 8000);
        let paid = [&FLEET[..], &[("payment_url", "http://pay")]].concat();
        assert_eq!(port(&paid, &[Role::Payments]), 8002);
        assert_eq!(port(&FLEET, &[Role::Catalog, Role::Processing]), 8001);
        assert_eq!(port(&FLEET, &[Role::Catalog, Role::Notifications]), 8003);
        assert_eq!(port(&FLEET, &[Role::Provider]), 8005);
        let named = [&paid[..], &[("http.addr", "127.0.0.1:9000")]].concat();
        assert_eq!(port(&named, &[Role::Payments]), 9000);
    }
}
