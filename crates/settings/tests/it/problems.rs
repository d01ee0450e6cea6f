//! Every error, as the line that a person reads.

use crate::common::{Place, refusal, variables};
use settings::{Settings, Sources};

fn from_file(text: &str) -> String {
    let place = Place::new();
    let file = Some(place.write("ordo.toml", text));
    place.strip(&refusal(Sources { file, ..Sources::default() }))
}

fn from_environment(name: &str, value: &str) -> String {
    refusal(Sources { environment: variables(&[(name, value)]), ..Sources::default() })
}

#[test]
fn typing_mistakes_in_the_file_get_a_suggestion() {
    let table = [
        ("[http]\n\nadr = \"x\"\n", "http.adr: unknown, found in ordo.toml:3; did you mean http.addr?"),
        ("[htpp]\naddr = \"x\"\n", "htpp.addr: unknown, found in ordo.toml:2; did you mean http.addr?"),
        ("addr = \"x\"\n", "addr: unknown, found in ordo.toml:1; did you mean http.addr?"),
        (
            "[retry.databse]\natempts = 1\n",
            "retry.databse.atempts: unknown, found in ordo.toml:2; did you mean retry.database.attempts?",
        ),
        ("colour = \"red\"\n", "colour: unknown, found in ordo.toml:1"),
        ("[colours]\n", "colours: unknown, found in ordo.toml:1"),
        ("http = 1\n", "http: unknown, found in ordo.toml:1"),
    ];
    for (text, expected) in table {
        assert_eq!(from_file(text), expected);
    }
}

#[test]
fn typing_mistakes_in_variables_and_flags_get_a_suggestion() {
    let table = [
        (
            "ORDO_HTTP_ADR",
            "ORDO_HTTP_ADR: unknown, found in environment (ORDO_HTTP_ADR); did you mean ORDO_HTTP_ADDR?",
        ),
        ("ORDO_DATABASE", "ORDO_DATABASE: unknown, found in environment (ORDO_DATABASE)"),
        ("ORDO_CONFG", "ORDO_CONFG: unknown, found in environment (ORDO_CONFG); did you mean ORDO_CONFIG?"),
        ("ORDO_HTTP_ADDR_FILE", "ORDO_HTTP_ADDR_FILE: unknown, found in environment (ORDO_HTTP_ADDR_FILE)"),
    ];
    for (name, expected) in table {
        assert_eq!(from_environment(name, "x"), expected);
    }
    let place = Place::new();
    let dotenv = Some(place.write(".env", "\nORDO_LOG_LEVLE=info\n"));
    let refused =
        refusal(Sources { dotenv, flags: variables(&[("log.formt", "json")]), ..Sources::default() });
    assert_eq!(
        place.strip(&refused),
        "ORDO_LOG_LEVLE: unknown, found in .env:2; did you mean ORDO_LOG_LEVEL?\n\
         log.formt: unknown, found in command line (log.formt); did you mean log.format?"
    );
}

#[test]
fn wrong_values_say_what_was_found_and_what_is_accepted() {
    let table = [
        (
            "[http]\naddr = 8000\n",
            "http.addr: found the number 8000 in ordo.toml:2; accepted is an IP address and port such as 127.0.0.1:8000 or [::1]:8000",
        ),
        (
            "[http]\nmax_in_flight = \"many\"\n",
            "http.max_in_flight: found the string \"many\" in ordo.toml:2; accepted is a whole number, from 1 to 1000000",
        ),
        (
            "[http]\nmax_in_flight = -1\n",
            "http.max_in_flight: found the number -1 in ordo.toml:2; accepted is a whole number, from 1 to 1000000",
        ),
        (
            "[http]\nmax_body_bytes = 12\n",
            "http.max_body_bytes: found the number 12 in ordo.toml:2; accepted is a size in bytes such as 65536, 64KiB or 1MiB, from 1KiB to 64MiB",
        ),
        (
            "shutdown_deadline = \"10\"\n",
            "shutdown_deadline: found the string \"10\" in ordo.toml:1; accepted is a duration such as 250ms, 2s, 5m or 1h, from 0s to 10m",
        ),
        (
            "[processing]\nfailure_rate = 2\n",
            "processing.failure_rate: found the number 2 in ordo.toml:2; accepted is a rate from 0 to 1 with at most six decimals such as 0.02, or a percentage such as 2%, from 0 to 1",
        ),
        (
            "[orders]\ndefault_currency = \"usd\"\n",
            "orders.default_currency: found the string \"usd\" in ordo.toml:2; accepted is an ISO 4217 currency code such as USD",
        ),
        (
            "[log]\nformat = true\n",
            "log.format: found true in ordo.toml:2; accepted is one of auto, text, json",
        ),
        (
            "[log]\nformat = [1]\n",
            "log.format: found an array in ordo.toml:2; accepted is one of auto, text, json",
        ),
        (
            "[log]\nformat = \"\"\n",
            "log.format: found nothing in ordo.toml:2; accepted is one of auto, text, json",
        ),
        ("[log.format]\n", "log.format: found a table in ordo.toml:1; accepted is one of auto, text, json"),
        (
            "allow_anonymous = \"yes\"\n",
            "allow_anonymous: found the string \"yes\" in ordo.toml:1; accepted is true or false (1 or 0 in the environment)",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(from_file(text), expected);
    }
    assert_eq!(
        from_environment("ORDO_ALLOW_ANONYMOUS", "yes"),
        "allow_anonymous: found \"yes\" in environment (ORDO_ALLOW_ANONYMOUS); accepted is true or false (1 or 0 in the environment)"
    );
    let long = from_environment("ORDO_LOG_LEVEL", &"x".repeat(1000));
    assert!(long.len() < 200 && !long.contains('\n'), "{long}");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let broken = from_file("[http]\naddr = \n");
    assert!(broken.starts_with("ordo.toml:2: ") && broken.lines().count() == 1, "{broken}");
    let missing = refusal(Sources { file: Some("/nowhere/ordo.toml".into()), ..Sources::default() });
    assert!(missing.starts_with("cannot read /nowhere/ordo.toml: "), "{missing}");
    let missing = from_environment("ORDO_DATABASE_URL_FILE", "/nowhere/url");
    assert!(missing.starts_with("cannot read /nowhere/url (named by ORDO_DATABASE_URL_FILE): "), "{missing}");
    let place = Place::new();
    let dotenv = Some(place.write(".env", "# head\nhunter2\n"));
    let refused = place.strip(&refusal(Sources { dotenv, ..Sources::default() }));
    assert_eq!(refused, ".env:2: this line is not NAME=value, a comment or blank");
}

#[test]
fn all_problems_are_reported_at_once() {
    let place = Place::new();
    let file = Some(place.write("ordo.toml", "[http]\nadr = 1\naddr = \"x\"\n[log]\nlevel = \"loud\"\n"));
    let environment = variables(&[("ORDO_HTP", "1"), ("ORDO_PAYMENTS_TIMEOUT", "2")]);
    let error = Settings::load(Sources { file, environment, ..Sources::default() }).unwrap_err();
    assert_eq!(error.problems().len(), 5);
    let keys: Vec<_> =
        error.to_string().lines().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(keys, ["http.adr", "ORDO_HTP", "http.addr", "payments.timeout", "log.level"]);
}

#[test]
fn check_names_values_that_contradict_each_other() {
    let flags = variables(&[
        ("retry.provider.base", "1m"),
        ("http.request_timeout", "1s"),
        ("http.max_connections", "2048"),
        ("kafka.username", "ann"),
        ("postgres.owner_password", "hunter2"),
        ("processing.elsewhere", "true"),
    ]);
    let refused = Settings::load(Sources { flags, ..Sources::default() }).unwrap().check().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "retry.provider.base: 1m (command line (retry.provider.base)) is longer than retry.provider.cap, which is 30s\n\
         kafka.username: ann (command line (kafka.username)) goes with kafka.password; give both or neither\n\
         postgres.owner_password: *** (command line (postgres.owner_password)) is nobody's; say whose in postgres.owner\n\
         processing.elsewhere: true (command line (processing.elsewhere)) needs a broker over which the other system hears of orders; set broker_url\n\
         http.idempotency_wait: 5s (default) is longer than http.request_timeout, which is 1s\n\
         http.max_streams: 2048 (default) leaves no connection to others; make it less than http.max_connections, which is 2048"
    );
}

#[test]
fn check_names_directories_that_sqlite_does_not_divide() {
    let environment =
        variables(&[("ORDO_ORDERS_DATABASE_URL", "sqlite:/a"), ("ORDO_PROVIDER_DATABASE_URL", "sqlite:/b")]);
    let refused = Settings::load(Sources { environment, ..Sources::default() }).unwrap().check().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "orders.database_url: sqlite:/a (environment (ORDO_ORDERS_DATABASE_URL)) names a directory, but on SQLite the services share that of database_url"
    );
}
