//! Tables: one order per row, whose columns are named after the fields of forms 1 to 3.
//!
//! A row becomes the JSON that says the same, and the server judges it. Only what a column is called is judged here.

use std::io::Read;

use anyhow::{Result, bail, ensure};
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};

use super::counted::Counted;
use super::row::Row;
use crate::table::clean;

/// Columns that are fields of the order.
const ORDER: [&str; 9] = [
    "customer_name",
    "customer_id",
    "total_amount",
    "currency",
    "expected_total",
    "payment_method",
    "paymentMethod",
    "external_id",
    "deliveryAddress",
];
/// Columns that are fields of its one line.
const ITEM: [&str; 4] = ["product_id", "pizzaId", "quantity", "price"];
/// What the columns begin with that are fields of the delivery.
const DELIVERY: &str = "delivery_";
const DELIVERY_FIELDS: [&str; 7] = ["name", "phone", "zip", "city", "address", "region", "email"];

/// Where a cell belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Order(String),
    Item(String),
    Delivery(String),
}

/// The rows of a table.
pub struct Table<R> {
    reader: Reader<Counted<R>>,
    columns: Vec<Column>,
    /// The line of the last row. No two rows have one line, whatever ends them.
    line: u64,
}

impl<R: Read> Table<R> {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// If one of them is unknown or comes twice, or nothing can be read.
    pub fn new(from: R) -> Result<Self> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(Counted::new(from));
        let names: Vec<_> = reader.headers()?.iter().map(str::to_owned).collect();
        for (index, name) in names.iter().enumerate() {
            ensure!(!names[..index].contains(name), "the column `{}` comes twice", clean(name));
        }
        let columns = names.iter().map(|name| column(name)).collect::<Result<_>>()?;
        Ok(Self { reader, columns, line: 0 })
    }

    /// The next row that is not empty. A row that is none says why.
    pub fn next(&mut self) -> csv::Result<Option<Row>> {
        let mut record = StringRecord::new();
        loop {
            let from = self.reader.position().byte();
            let order = match self.reader.read_record(&mut record) {
                Ok(false) => return Ok(None),
                Ok(true) if record.iter().all(str::is_empty) => continue,
                Ok(true) => serde_json::to_vec(&self.order(&record)).map_err(|error| error.to_string()),
                Err(error) if error.is_io_error() => return Err(error),
                Err(error) => Err(fault(&error)),
            };
            self.line = self.reader.get_mut().line_from(from).max(self.line + 1);
            let end = self.reader.position().byte();
            return Ok(Some(Row { line: self.line, order: order.map(Into::into), end }));
        }
    }

    fn order(&self, record: &StringRecord) -> Map<String, Value> {
        let (mut order, mut item, mut delivery) = (Map::new(), Map::new(), Map::new());
        for (column, cell) in self.columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
            match column {
                Column::Order(name) => order.insert(name.clone(), cell.into()),
                Column::Item(name) => item.insert(name.clone(), item_value(name, cell)),
                Column::Delivery(name) => delivery.insert(name.clone(), cell.into()),
            };
        }
        if !item.is_empty() {
            order.insert("items".to_owned(), Value::Array(vec![Value::Object(item)]));
        }
        if !delivery.is_empty() {
            order.insert("delivery".to_owned(), Value::Object(delivery));
        }
        order
    }
}

fn column(name: &str) -> Result<Column> {
    if ORDER.contains(&name) {
        return Ok(Column::Order(name.to_owned()));
    }
    if ITEM.contains(&name) {
        return Ok(Column::Item(name.to_owned()));
    }
    match name.strip_prefix(DELIVERY) {
        Some(field) if DELIVERY_FIELDS.contains(&field) => Ok(Column::Delivery(field.to_owned())),
        _ => bail!("there is no column `{}`; --help names those there are", clean(name)),
    }
}

/// A quantity is a number; an amount may be a text, and stays exactly what it was.
fn item_value(name: &str, cell: &str) -> Value {
    match cell.parse::<u64>() {
        Ok(quantity) if name == "quantity" => quantity.into(),
        _ => cell.into(),
    }
}

fn fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} cells, and there are {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let mut table = Table::new(text).unwrap();
        let rows = std::iter::from_fn(|| table.next().unwrap());
        rows.map(|row| (row.line, row.order.map(|order| String::from_utf8(order.to_vec()).unwrap())))
            .collect()
    }

    #[test]
    fn a_row_says_what_its_columns_are_called() {
        let text = "\u{feff}customer_name, total_amount,product_id,quantity,price,delivery_address,payment_method\n\
                    Ann,100.50,,,,,\n\
                    ,,p,2,10.50,\"Test Street 1,\nsecond floor\",card\n\
                    ,,margherita,x,,,\n";
        let expected = [
            (2, r#"{"customer_name":"Ann","total_amount":"100.50"}"#),
            (
                3,
                r#"{"delivery":{"address":"Test Street 1,\nsecond floor"},"items":[{"price":"10.50","product_id":"p","quantity":2}],"payment_method":"card"}"#,
            ),
            (5, r#"{"items":[{"product_id":"margherita","quantity":"x"}]}"#),
        ];
        assert_eq!(read(text.as_bytes()), expected.map(|(line, order)| (line, Ok(order.to_owned()))));
    }

    #[test]
    fn a_row_has_the_number_of_the_line_it_begins_in() {
        let lines = |text: &str| read(text.as_bytes()).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        for end in ["\n", "\r\n"] {
            let text = "\ncustomer_name,total_amount\nA,1\n\n\n\"B\nb\",2\n,\nC,3\nD\nE,5";
            assert_eq!(lines(&text.replace('\n', end)), [3, 6, 9, 10, 11], "{end:?}");
        }
        let long: String = (0..5_000).map(|_| "A,1\r\n\r\n").collect();
        let long = lines(&format!("customer_name,total_amount\r\n{long}"));
        assert!(long.len() == 5_000 && long.iter().zip(1..).all(|(line, row)| *line == 2 * row));
        assert_eq!(lines("customer_name\rA\rB"), [1, 2], "no two rows have one line");
    }

    #[test]
    fn a_row_that_is_none_stops_no_other_one() {
        let rows = read(b"customer_name,total_amount\nAnn\nB\xffb,2\n,\nCid,3\n");
        let told: Vec<_> = rows.iter().map(|(line, order)| (*line, order.is_ok())).collect();
        assert_eq!(told, [(2, false), (3, false), (5, true)]);
        assert_eq!(rows[0].1, Err("the row has 1 cells, and there are 2 columns".to_owned()));
    }

    #[test]
    fn columns_are_known_and_come_once() {
        for text in ["colour\n", "delivery_colour\n", "price,price\n"] {
            assert!(Table::new(text.as_bytes()).is_err(), "{text}");
        }
    }
}
