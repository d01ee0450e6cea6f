use crate::OpenError;
use crate::tests::reader;
use crate::topology::Topology;

#[test]
fn queues_are_named_after_who_reads_what() {
    let readers = [reader("payments", "orders"), reader("orders", "payments"), reader("orders", "ingress")];
    let topology = Topology::new("shop-1.", readers.to_vec()).unwrap();
    let names = readers.map(|reader| topology.queue(reader).unwrap().to_string());
    assert_eq!(names, ["shop-1.payments.orders", "shop-1.orders.payments", "shop-1.orders"]);
    assert_eq!(topology.exchange.as_str(), "shop-1.orders");
    assert_eq!(topology.queue(reader("processing", "orders")), None);
}

#[test]
fn a_type_is_read_if_a_reader_was_named_for_its_topic() {
    let topology = Topology::new("", vec![reader("payments", "orders")]).unwrap();
    let read =
        ["order.created", "order.cancelled", "payment.paid", "order"].map(|kind| topology.is_read(kind));
    assert_eq!(read, [true, true, false, false]);
}

#[test]
fn a_prefix_that_makes_no_names_is_refused() {
    for prefix in ["amq.", "a\nb", &"x".repeat(250)] {
        let refused = Topology::new(prefix, vec![reader("payments", "orders")]).unwrap_err();
        assert_eq!(refused, OpenError::Prefix(prefix.to_owned()));
    }
}
