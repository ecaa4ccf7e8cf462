use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tradewire_core::{Addresses, Capabilities, Error};

/// A source that is in use, and where.
struct InUse {
    exchange: &'static str,
    addresses: Addresses,
    source: Weak<dyn Any + Send + Sync>,
}

/// The source of all in this process that talk to an exchange at the same addresses: the exchange counts their requests
/// together, so they share limits, clock and connections.
///
/// `make` makes it where there is none in use yet. It is shown those of the same type that are: an exchange whose markets are
/// counted together lets them share as well. [`Addresses::Default`] is the first environment that is declared.
///
/// # Errors
/// Those of `make`.
pub fn shared_source<S: Any + Send + Sync>(
    capabilities: &Capabilities,
    addresses: &Addresses,
    make: impl FnOnce(&[Arc<S>]) -> Result<S, Error>,
) -> Result<Arc<S>, Error> {
    let addresses = match (addresses, capabilities.environments.first()) {
        (Addresses::Default, Some(first)) => Addresses::environment(first.name),
        (other, _) => other.clone(),
    };
    shared_at(capabilities.exchange, addresses, make)
}

fn shared_at<S: Any + Send + Sync>(
    exchange: &'static str,
    addresses: Addresses,
    make: impl FnOnce(&[Arc<S>]) -> Result<S, Error>,
) -> Result<Arc<S>, Error> {
    static IN_USE: Mutex<Vec<InUse>> = Mutex::new(Vec::new());
    let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    in_use.retain(|known| known.source.strong_count() > 0);
    let typed = |known: &InUse| known.source.upgrade()?.downcast::<S>().ok();
    let at_them = |known: &&InUse| known.exchange == exchange && known.addresses == addresses;
    if let Some(source) = in_use.iter().find(at_them).and_then(typed) {
        return Ok(source);
    }
    let others: Vec<Arc<S>> = in_use.iter().filter_map(typed).collect();
    let source = Arc::new(make(&others)?);
    let in_use_now = Arc::downgrade(&source);
    in_use.push(InUse { exchange, addresses, source: in_use_now });
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::ErrorKind;

    #[test]
    fn a_source_is_shared_while_it_is_in_use() {
        let at = |port: u16| Addresses::own(format!("http://127.0.0.1:{port}"), format!("ws://127.0.0.1:{port}"));
        let made = |port: u16| shared_at("here", at(port), |others: &[Arc<(u16, usize)>]| Ok((port, others.len())));
        let (first, again, other) = (made(1).expect("one"), made(1).expect("one"), made(2).expect("one"));
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!((*first, *other), ((1, 0), (2, 1)), "the second is shown the first");
        drop((first, again));
        assert_eq!(*made(1).expect("one"), (1, 1), "what nobody uses any longer is made anew");
        let refused = shared_at::<u8>("here", at(3), |_| Err(Error::new(ErrorKind::Config, "no")));
        assert_eq!(refused.expect_err("refused").kind(), ErrorKind::Config);
    }
}
