//! `ordo orders export`: all orders that fit, into a file or to standard output.
//!
//! A file gets its name when all of it is there. An answer that breaks off is told, and leaves no file that could be taken for
//! the whole.

mod output;
mod report;
mod rows;

use std::path::Path;

use anyhow::{Result, anyhow};
use http::Response;
use hyper::body::Incoming;

use crate::args::{Export, Format};
use crate::away::{Away, is_for_now};
use crate::link::{Link, piece, whole};
use crate::problem::Problem;
use crate::target::Target;
use output::Output;
use report::Report;
use rows::Rows;

/// Exports orders.
pub async fn run(target: &Target, export: &Export) -> Result<()> {
    let format = format(export);
    let request = target.get(&path(export, format))?;
    let link = Link::open(target).await?;
    link.exchange(request, async |response| receive(response, export.output.as_deref(), format).await).await
}

async fn receive(response: Response<Incoming>, to: Option<&Path>, format: Format) -> Result<()> {
    let (head, mut body) = response.into_parts();
    if !head.status.is_success() {
        let status = head.status.as_u16();
        let problem = Problem::read(status, &whole(body).await?).to_string();
        return Err(if is_for_now(status) { Away(problem).into() } else { anyhow!(problem) });
    }
    let (mut output, mut rows, report) = (Output::open(to)?, Rows::of(format), Report::new());
    while let Some(piece) = piece(&mut body).await.map_err(|away| broken_off(&rows, &away))? {
        rows.see(&piece);
        output.write(&piece)?;
        report.show(&rows);
    }
    output.finish()?;
    report.finish(&rows);
    Ok(())
}

fn broken_off(rows: &Rows, Away(why): &Away) -> Away {
    Away(format!("the export broke off behind {} orders ({why}); run the same command again", rows.count()))
}

/// As it is asked for, or as the file is called.
fn format(export: &Export) -> Format {
    let is_csv =
        |path: &Path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    match export.format {
        Some(format) => format,
        None if export.output.as_deref().is_some_and(is_csv) => Format::Csv,
        None => Format::Ndjson,
    }
}

fn path(export: &Export, format: Format) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("format", if format == Format::Csv { "csv" } else { "ndjson" });
    export.filters.extend(&mut query);
    format!("/api/v1/orders/export?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filters::Filters;

    #[test]
    fn the_format_goes_by_the_files_name_unless_it_is_said() {
        let path = |format, output: Option<&str>| {
            let filters = Filters { status: Some("PAID".into()), ..Filters::default() };
            let export = Export { format, output: output.map(Into::into), filters };
            path(&export, super::format(&export))
        };
        assert_eq!(path(None, None), "/api/v1/orders/export?format=ndjson&status=PAID");
        assert!(path(None, Some("orders.CSV")).contains("format=csv"));
        assert!(path(None, Some("orders.txt")).contains("format=ndjson"));
        assert!(path(Some(Format::Ndjson), Some("orders.csv")).contains("format=ndjson"));
    }
}
