//! Which of the five forms an order takes, and in which proportion.

use std::{fmt, str::FromStr};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::dice::Dice;

/// One of the five ways to state an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Form 1: a customer's name and an amount.
    Amount,
    /// Form 2: lines with prices.
    Priced,
    /// Form 3: lines from the catalogue.
    Catalogue,
    /// Form 4: lines with a declared total.
    Declared,
    /// Form 5: a full document from another system.
    Document,
}

impl Form {
    /// All forms, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Amount, Self::Priced, Self::Catalogue, Self::Declared, Self::Document];

    /// The name used in flags and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Priced => "priced",
            Self::Catalogue => "catalogue",
            Self::Declared => "declared",
            Self::Document => "document",
        }
    }
}

impl FromStr for Form {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let by_number = text.parse::<usize>().ok().and_then(|number| Self::ALL.get(number.checked_sub(1)?));
        by_number.or_else(|| Self::ALL.iter().find(|form| form.name() == text)).copied().with_context(|| {
            format!("`{text}` is no form of an order; use amount, priced, catalogue, declared or document (1 to 5)")
        })
    }
}

/// How often each form comes up. At least one weight is above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix {
    /// Weight per form, in the order of [`Form::ALL`].
    weights: [u32; Form::ALL.len()],
}

impl Mix {
    /// The mix when none is asked for.
    pub const DEFAULT: &'static str = "amount=1,priced=4,catalogue=3,declared=1,document=1";

    /// The weight of a form; 0 when it is not in the mix.
    #[must_use]
    pub const fn weight(&self, form: Form) -> u32 {
        self.weights[form as usize]
    }

    /// Draws a form, each as often as its weight says.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Form {
        let total = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut drawn = dice.below(total);
        for form in Form::ALL {
            match drawn.checked_sub(self.weight(form).into()) {
                Some(rest) => drawn = rest,
                None => return form,
            }
        }
        Form::Document
    }
}

impl FromStr for Mix {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut weights = [0; Form::ALL.len()];
        for part in text.split(',') {
            let (form, weight) = part.split_once('=').unwrap_or((part, "1"));
            let form: Form = form.trim().parse()?;
            let weight = weight.trim();
            weights[form as usize] =
                weight.parse().with_context(|| format!("`{weight}` is not a weight; use a whole number"))?;
        }
        if weights == [0; Form::ALL.len()] {
            bail!("at least one form needs a weight above 0");
        }
        Ok(Self { weights })
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Form::ALL.iter().filter(|form| self.weight(**form) > 0);
        let parts: Vec<_> = named.map(|form| format!("{}={}", form.name(), self.weight(*form))).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_reads_and_prints_the_same() {
        assert_eq!(Mix::DEFAULT.parse::<Mix>().unwrap().to_string(), Mix::DEFAULT);
    }

    #[test]
    fn names_numbers_and_single_forms() {
        for (text, printed) in [
            ("priced", "priced=1"),
            ("3", "catalogue=1"),
            ("1=2, 5=3", "amount=2,document=3"),
            ("amount,declared=0,document=7", "amount=1,document=7"),
        ] {
            assert_eq!(text.parse::<Mix>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "0", "6", "pizza", "priced=", "priced=-1", "priced=x", "amount=0", "amount=1,"] {
            assert!(text.parse::<Mix>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn forms_come_up_as_often_as_their_weight_says() {
        let mix: Mix = "amount=1,catalogue=3".parse().unwrap();
        let mut drawn = [0; 5];
        for number in 0..4000 {
            drawn[mix.draw(&mut Dice::of(7, number)) as usize] += 1;
        }
        assert_eq!(drawn[1] + drawn[3] + drawn[4], 0);
        assert!((900..1100).contains(&drawn[0]), "{drawn:?}");
    }
}
