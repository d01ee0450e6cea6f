use broker::Topic;

use crate::RabbitSettings;

/// For orders that come in, and for events of ours.
fn windows(settings: &RabbitSettings) -> [u16; 2] {
    ["ingress", "payments"].map(|source| settings.window(Topic::of(source).unwrap()))
}

#[test]
fn no_more_orders_are_sent_ahead_than_can_be_kept_if_all_are_large() {
    let default = super::settings("amqp://localhost");
    assert_eq!(windows(&default), [128, 1000]);
    assert_eq!(windows(&RabbitSettings { prefetch: 10, ..default.clone() }), [10, 10]);
    assert_eq!(windows(&RabbitSettings { order_bytes: u32::MAX, ..default.clone() }), [1, 1000]);
    assert_eq!(windows(&RabbitSettings { prefetch: 0, order_bytes: 0, ..default }), [1, 1]);
}
