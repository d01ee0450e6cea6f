//! Which layer wins, and what the typed settings are.

use std::path::PathBuf;
use std::time::Duration;

use crate::common::{Place, variables};
use settings::{DatabaseUrl, Jitter, LogFormat, LogLevel, Origin, Role, Settings, Sources};

#[test]
fn the_defaults_are_complete_and_fit() {
    let settings = Settings::load(Sources::default()).unwrap();
    settings.check().unwrap();
    assert_eq!(settings.http.addr.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.http.max_body_bytes.get(), 1 << 20);
    assert_eq!(settings.orders.default_currency.code(), "USD");
    assert_eq!(settings.orders.payment_deadline, Duration::from_secs(30 * 60));
    assert_eq!(settings.processing.failure_rate.ppm(), 0);
    assert_eq!(settings.breaker.failure_rate.ppm(), 500_000);
    assert_eq!((settings.retry.provider.attempts, settings.retry.provider.jitter), (12, Jitter::Full));
    assert_eq!((settings.log.format, settings.log.level), (LogFormat::Auto, LogLevel::Info));
    assert_eq!(settings.payment_url, None);
    assert!(!settings.allow_anonymous);
    assert!(settings.effective().iter().all(|option| option.origin == Origin::Default));
    assert_eq!(settings.effective().len(), settings::options().count());
}

#[test]
fn the_stronger_layer_wins() {
    let place = Place::new();
    let file = || Some(place.write("ordo.toml", "[http]\nmax_in_flight = 1\n"));
    let dotenv = || Some(place.write(".env", "ORDO_HTTP_MAX_IN_FLIGHT=2\n"));
    let environment = || variables(&[("ORDO_HTTP_MAX_IN_FLIGHT", "3")]);
    let flags = || variables(&[("http.max_in_flight", "4")]);
    let table = [
        (Sources::default(), 1024),
        (Sources { file: file(), ..Sources::default() }, 1),
        (Sources { file: file(), dotenv: dotenv(), ..Sources::default() }, 2),
        (Sources { file: file(), dotenv: dotenv(), environment: environment(), ..Sources::default() }, 3),
        (Sources { file: file(), dotenv: dotenv(), environment: environment(), flags: flags() }, 4),
        (Sources { dotenv: dotenv(), flags: flags(), ..Sources::default() }, 4),
        (Sources { file: file(), environment: environment(), ..Sources::default() }, 3),
    ];
    for (sources, expected) in table {
        assert_eq!(Settings::load(sources).unwrap().http.max_in_flight, expected);
    }
}

#[test]
fn every_option_can_be_given_in_every_layer() {
    let place = Place::new();
    for option in settings::options().filter(|option| !option.default.is_empty()) {
        let environment = variables(&[(&option.env, option.default)]);
        let given = Settings::load(Sources { environment, ..Sources::default() }).unwrap();
        let found = given.effective().iter().find(|found| found.key == option.key).unwrap();
        assert_eq!(found.origin, Origin::Environment { name: option.env.clone() });

        let literal = match option.default {
            "true" | "false" => option.default.to_owned(),
            number if number.parse::<u32>().is_ok() => number.to_owned(),
            text => format!("{text:?}"),
        };
        let path = place.write("one.toml", &format!("{} = {literal}\n", option.key));
        let given = Settings::load(Sources { file: Some(path.clone()), ..Sources::default() }).unwrap();
        let found = given.effective().iter().find(|found| found.key == option.key).unwrap();
        assert_eq!(found.origin, Origin::File { path, line: 1 });
    }
}

#[test]
fn the_data_directory_follows_the_xdg_specification() {
    let table = [
        (vec![("XDG_DATA_HOME", "/xdg"), ("HOME", "/home/ann")], "/xdg/ordo"),
        (vec![("HOME", "/home/ann")], "/home/ann/.local/share/ordo"),
        (vec![("XDG_DATA_HOME", "relative"), ("HOME", "/home/ann")], "/home/ann/.local/share/ordo"),
        (vec![("XDG_DATA_HOME", ""), ("HOME", "/home/ann")], "/home/ann/.local/share/ordo"),
        (vec![], "data"),
        (vec![("ORDO_DATABASE_URL", "sqlite:/srv/ordo")], "/srv/ordo"),
    ];
    for (environment, dir) in table {
        let settings =
            Settings::load(Sources { environment: variables(&environment), ..Sources::default() }).unwrap();
        assert_eq!(settings.database_url, DatabaseUrl::Sqlite { dir: PathBuf::from(dir) });
    }
}

#[test]
fn a_role_may_have_a_database_of_its_own() {
    let environment =
        variables(&[("ORDO_DATABASE_URL", "sqlite:all"), ("ORDO_PROVIDER_DATABASE_URL", "sqlite:own")]);
    let settings = Settings::load(Sources { environment, ..Sources::default() }).unwrap();
    for role in Role::ALL {
        let dir = PathBuf::from(if *role == Role::Provider { "own" } else { "all" });
        assert_eq!(*settings.database_of(*role), DatabaseUrl::Sqlite { dir });
    }
}

#[test]
fn rates_in_the_file_are_exact() {
    let place = Place::new();
    let file = Some(place.write(
        "ordo.toml",
        "[processing]\nfailure_rate = 0.070001\n[provider]\ntimeout_rate = \"2.5%\"\nfailure_rate = 1\n",
    ));
    let settings = Settings::load(Sources { file, ..Sources::default() }).unwrap();
    assert_eq!(settings.processing.failure_rate.ppm(), 70_001);
    assert_eq!(settings.provider.timeout_rate.ppm(), 25_000);
    assert_eq!(settings.provider.failure_rate.ppm(), 1_000_000);
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let place = Place::new();
    let dotenv = Some(
        place.write(".env", "RUST_LOG=debug\nPGPASSWORD='a'\nORDO_URL=http://x\nORDO_CONFIG=other.toml\n"),
    );
    let environment = variables(&[
        ("PATH", "/bin"),
        ("ORDO_URL", "http://127.0.0.1:8000"),
        ("ORDO_CONFIG", "x.toml"),
        ("ORDO_CRASH_AT", "commit"),
        ("ORDO_SERVICE_HOST", "10.0.0.1"),
        ("ORDO_ORDERS_SERVICE_PORT_HTTP", "8000"),
        ("ORDO_PORT", "tcp://10.0.0.1:8000"),
        ("ORDO_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("ORDO_HTTP_ADDR", ""),
        ("ORDO_ANYTHING", ""),
    ]);
    let settings = Settings::load(Sources { dotenv, environment, ..Sources::default() }).unwrap();
    assert_eq!(settings.http.addr.port(), 8000);
}
