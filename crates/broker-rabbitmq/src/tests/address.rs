use lapin::uri::{AMQPScheme, AMQPUri};

use crate::OpenError;
use crate::address::address;
use crate::tests::settings;

fn read(url: &str) -> Result<AMQPUri, OpenError> {
    address(&settings(url))
}

#[test]
fn a_url_says_where_and_who() {
    let uri = read("amqps://ann:p%40ss@q.example:5999/shop%2Fone").unwrap();
    let place = (uri.authority.host.as_str(), uri.authority.port, uri.vhost.as_str());
    assert_eq!((uri.scheme, place), (AMQPScheme::AMQPS, ("q.example", 5999, "shop/one")));
    let who = uri.authority.userinfo;
    assert_eq!((who.username.as_str(), who.password.as_str()), ("ann", "p@ss"));
}

#[test]
fn without_a_vhost_it_is_the_default_one() {
    for url in ["amqp://q", "amqp://q/", "amqp://q/%2f", "amqp://q:5672/?channel_max=9"] {
        assert_eq!(read(url).unwrap().vhost, "/", "{url}");
    }
}

#[test]
fn a_heartbeat_in_the_url_wins() {
    assert_eq!(read("amqp://q").unwrap().query.heartbeat, Some(7));
    assert_eq!(read("amqp://q?heartbeat=30").unwrap().query.heartbeat, Some(30));
}

#[test]
fn an_ipv6_address_is_not_taken_for_localhost() {
    assert_eq!(read("amqp://u:p@[2001:db8::1]:5673/v").unwrap().authority.host, "2001:db8::1");
    assert_eq!(read("amqp://q/v[1]").unwrap().authority.host, "q");
}

#[test]
fn what_is_no_url_is_refused_and_not_repeated() {
    let long = format!("amqp://q/{}", "v".repeat(256));
    for url in ["hunter2", "amqp:hunter2", "kafka://hunter2", "amqp://q:hunter2", "", &long] {
        let error = read(url).unwrap_err();
        assert_eq!(error, OpenError::Url, "{url}");
        assert!(!error.to_string().contains("hunter2"), "{url}");
    }
}

#[test]
fn settings_do_not_show_the_password() {
    assert!(!format!("{:?}", settings("amqp://ann:hunter2@q")).contains("hunter2"));
}
