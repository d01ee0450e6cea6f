//! Views: what is shown of orders, payments and products. They borrow what they show and are written straight out.

pub(crate) mod dead_letter;
pub(crate) mod document;
pub(crate) mod event;
pub(crate) mod forms;
pub(crate) mod money;
pub(crate) mod notification;
pub(crate) mod order;
pub(crate) mod payment;
pub(crate) mod product;
pub(crate) mod states;
