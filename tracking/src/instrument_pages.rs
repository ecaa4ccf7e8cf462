use tradewire_core::{Error, ErrorKind};

use crate::{InstrumentList, MarketSource, RawAnswer};

/// More pages than any instrument list has.
const PAGES_MAX: usize = 100;

/// Reads the whole instrument list of an exchange, over all of its pages. `seen` is shown every answer as it came.
///
/// # Errors
/// Those of the requests; `Decode` for a page that cannot be read, or a list without end.
///
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn read_instruments(
    source: &dyn MarketSource,
    mut seen: impl FnMut(&RawAnswer),
) -> Result<InstrumentList, Error> {
    let answer = source.instruments().await?;
    seen(&answer);
    let mut list = source.decode_instruments(&answer.body)?;
    for _ in 1..PAGES_MAX {
        let Some(page) = list.next_page.take() else { return Ok(list) };
        let answer = source.further_instruments(&page).await?;
        seen(&answer);
        let further = source.decode_instruments(&answer.body)?;
        list.instruments.extend(further.instruments);
        list.unreadable.extend(further.unreadable);
        list.problems.extend(further.problems);
        list.next_page = further.next_page.filter(|next| *next != page);
    }
    Err(Error::new(ErrorKind::Decode, "an instrument list without end"))
}
