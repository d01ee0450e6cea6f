use engine::Fault;
use lapin::protocol::{AMQPError, AMQPHardError, AMQPSoftError};
use lapin::{Error, ErrorKind};

use crate::failure::{Failure, is_precondition};

fn soft(error: AMQPSoftError, said: &str) -> Error {
    ErrorKind::ProtocolError(AMQPError::new(error.into(), said.into())).into()
}

fn refused() -> Error {
    soft(AMQPSoftError::PRECONDITIONFAILED, "PRECONDITION_FAILED - inequivalent arg")
}

fn forced() -> Error {
    let error = AMQPError::new(AMQPHardError::CONNECTIONFORCED.into(), "CONNECTION_FORCED".into());
    ErrorKind::ProtocolError(error).into()
}

#[test]
fn only_a_precondition_says_that_the_server_will_never_take_it() {
    assert!(is_precondition(&refused()));
    let others = [soft(AMQPSoftError::NOTFOUND, ""), forced(), ErrorKind::MissingHeartbeatError.into()];
    assert!(!others.iter().any(is_precondition));
}

#[test]
fn whatever_is_wrong_with_the_server_may_pass() {
    for failure in [Failure::Lost, Failure::Blocked, Failure::Cancelled, forced().into(), refused().into()] {
        assert!(matches!(Fault::from(failure), Fault::Unavailable(_)));
    }
    let fault = Fault::from(Failure::from(forced()));
    assert_eq!(fault, Fault::Unavailable("RabbitMQ: CONNECTION_FORCED".to_owned()));
}

#[test]
fn a_queue_that_is_another_one_is_told_with_its_name_and_a_remedy() {
    let told = Failure::from(refused()).declaring("queue", &"shop.orders".into()).to_string();
    assert!(told.starts_with("the queue \"shop.orders\" exists with other arguments; delete it"), "{told}");
    assert!(told.contains("inequivalent arg"), "{told}");
    let lost = Failure::Lost.declaring("queue", &"shop.orders".into());
    assert!(matches!(lost, Failure::Lost));
}

#[test]
fn trouble_with_one_channel_is_told_from_trouble_with_the_connection() {
    let of_channel = [Failure::Cancelled, soft(AMQPSoftError::ACCESSREFUSED, "").into()];
    assert!(of_channel.iter().all(Failure::is_of_channel));
    let of_connection = [Failure::Lost, Failure::Blocked, forced().into()];
    assert!(!of_connection.iter().any(Failure::is_of_channel));
}
