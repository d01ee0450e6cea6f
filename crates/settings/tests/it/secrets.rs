//! No secret is ever printed, wherever it comes from.

use crate::common::{Place, refusal, variables};
use settings::{BrokerUrl, DatabaseUrl, Settings, Sources};

const URL: &str = "postgres://ordo:hunter2@db:5433/ordo?sslkey=hunter2";

#[test]
fn nothing_that_can_be_printed_holds_the_secret() {
    let environment = variables(&[
        ("ORDO_DATABASE_URL", URL),
        ("ORDO_BROKER_URL", "amqp://guest:hunter2@q"),
        ("ORDO_CACHE_URL", "rediss://:hunter2@c"),
        ("ORDO_POSTGRES_OWNER_PASSWORD", "hunter2"),
    ]);
    let settings = Settings::load(Sources { environment, ..Sources::default() }).unwrap();
    let printed = format!("{settings:?} {:#?} {} {:?}", settings, settings.show(), settings.check());
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(settings.show().contains("postgres://***@db:5433/ordo?***"));
    assert!(matches!(&settings.database_url, DatabaseUrl::Postgres(secret) if secret.expose() == URL));
    assert!(matches!(&settings.broker_url, BrokerUrl::Amqp(secret) if secret.expose().contains("hunter2")));
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let table = [
        ("ORDO_DATABASE_URL", "mysql://u:hunter2@db"),
        ("ORDO_ORDERS_DATABASE_URL", "hunter2"),
        ("ORDO_BROKER_URL", "amqp:hunter2"),
        ("ORDO_CACHE_URL", "redis://:hunter2 @c"),
        ("ORDO_PAYMENT_URL", "http://u:hunter2@pay"),
    ];
    for (name, value) in table {
        let refused = refusal(Sources { environment: variables(&[(name, value)]), ..Sources::default() });
        assert!(refused.contains(name) && !refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let place = Place::new();
    let path = place.write("url", &format!("{URL}\n"));
    let environment = variables(&[("ORDO_DATABASE_URL_FILE", path.to_str().unwrap())]);
    let settings = Settings::load(Sources { environment, ..Sources::default() }).unwrap();
    assert!(matches!(&settings.database_url, DatabaseUrl::Postgres(secret) if secret.expose() == URL));
    let shown = place.strip(&settings.show());
    assert!(shown.contains("# url (ORDO_DATABASE_URL_FILE)\n") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_secret_is_given_once() {
    let both = variables(&[("ORDO_DATABASE_URL", "sqlite:a"), ("ORDO_DATABASE_URL_FILE", "/nowhere")]);
    assert_eq!(
        refusal(Sources { environment: both, ..Sources::default() }),
        "ORDO_DATABASE_URL and ORDO_DATABASE_URL_FILE are both given in the environment; give one of them"
    );
}

#[test]
fn the_stronger_layer_wins_between_value_and_file() {
    let place = Place::new();
    let dotenv = Some(place.write(".env", "ORDO_DATABASE_URL=sqlite:weak\n"));
    let path = place.write("url", "sqlite:strong");
    let environment = variables(&[("ORDO_DATABASE_URL_FILE", path.to_str().unwrap())]);
    let settings = Settings::load(Sources { dotenv, environment, ..Sources::default() }).unwrap();
    assert_eq!(settings.database_url, DatabaseUrl::Sqlite { dir: "strong".into() });
}
