use crate::failure::Failure;
use crate::standing::Standing;

fn otherwise(name: &str) -> Failure {
    Failure::Otherwise { what: "queue", name: name.to_owned(), said: String::new() }
}

#[test]
fn only_a_change_is_news() {
    let standing = Standing::new("consuming");
    let told = |failure: Option<Failure>| standing.is_news(failure.as_ref());
    assert!(told(None), "the first connection");
    assert!(!told(None));
    assert!(told(Some(Failure::Lost)));
    assert!(!told(Some(Failure::Blocked)), "it is away for another reason, but away it was");
    assert!(told(Some(otherwise("a"))));
    assert!(!told(Some(otherwise("a"))));
    assert!(told(Some(otherwise("b"))), "another queue is another thing to do");
    assert!(told(None));
}
