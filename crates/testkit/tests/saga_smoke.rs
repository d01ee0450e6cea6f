//! Removed when tests/saga.rs compiles.
use testkit::app::TestApp;
#[test]
fn smoke() {
    let mut app = TestApp::new();
    let order = app.place(r#"{"items": [{"pizzaId": "margherita", "quantity": 2}], "paymentMethod": "card"}"#);
    app.settle();
    println!("{:?} {:?}", app.states(order.id), app.story(order.id));
}
