//! Processing under any news.

use std::time::Duration;

use processing::{Processing, Settings, Stage};
use proptest::prelude::*;

use crate::bench::{Bench, NoWorld};

#[derive(Clone, Copy, Debug)]
enum News {
    Created {
        awaits: bool,
    },
    /// Its pieces are reserved, and it is to be paid yet, or not.
    Reserved {
        awaits: bool,
    },
    Paid,
    Cancelled,
    Other,
    Pass(u64),
}

fn news() -> impl Strategy<Value = News> {
    prop_oneof![
        2 => any::<bool>().prop_map(|awaits| News::Created { awaits }),
        1 => any::<bool>().prop_map(|awaits| News::Reserved { awaits }),
        2 => Just(News::Paid),
        1 => Just(News::Cancelled),
        1 => Just(News::Other),
        2 => prop::sample::select(vec![10, 1_500]).prop_map(News::Pass),
    ]
}

proptest! {
    #[test]
    fn an_order_is_worked_off_once_and_not_once_it_is_called_off(
        delay in prop::sample::select(vec![0_u64, 1_000]),
        fails: bool,
        news in prop::collection::vec(news(), 0..12),
    ) {
        let failure_ppm = if fails { 1_000_000 } else { 0 };
        let settings = Settings { failure_ppm, delay: Duration::from_millis(delay) };
        let mut bench = Bench::new(Processing { settings }, NoWorld);
        let mut ended: Option<Stage> = None;
        for news in news {
            match news {
                News::Created { awaits: true } => bench.say("orders", "order.created", r#"{"awaits": ["payment"]}"#.into()),
                News::Created { awaits: false } => bench.say("orders", "order.created", r#"{"awaits": []}"#.into()),
                News::Reserved { awaits: true } => bench.say("catalog", "stock.reserved", r#"{"awaits": ["payment"]}"#.into()),
                News::Reserved { awaits: false } => bench.say("catalog", "stock.reserved", r#"{"awaits": []}"#.into()),
                News::Paid => bench.say("orders", "order.paid", "{}".into()),
                News::Cancelled => bench.say("orders", "order.cancelled", "{}".into()),
                News::Other => bench.say("orders", "order.completed", "{}".into()),
                News::Pass(millis) => bench.pass(Duration::from_millis(millis)),
            }
            let stage = bench.state().map(|record| record.stage.clone());
            if ended.is_some() {
                prop_assert_eq!(&stage, &ended, "what has ended stays so");
            }
            ended = stage.filter(|stage| *stage != Stage::Working);
        }
        bench.pass(Duration::from_secs(60));
        let stage = bench.state().map(|record| record.stage.clone());
        prop_assert_ne!(&stage, &Some(Stage::Working), "the work ends");
        let told = usize::from(matches!(stage, Some(Stage::Completed | Stage::Failed(_))));
        prop_assert_eq!(bench.published().len(), told, "its end is told once, and a cancellation not at all");
        prop_assert_eq!(bench.store.dead(), []);
    }
}
