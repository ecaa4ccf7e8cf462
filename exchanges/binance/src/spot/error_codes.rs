use tradewire_core::ErrorKind;

use crate::error_codes::shared_kind;

/// The kind of an error by its code.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/errors>
pub(crate) fn kind(code: i64) -> ErrorKind {
    match code {
        -1112 | -1220 | -2016 => ErrorKind::NotTradable,
        -1158 | -1160 | -1165 | -1166 | -1168 | -1194 | -1199..=-1196 => ErrorKind::InvalidRequest,
        -1210 | -1211 | -1225..=-1222 => ErrorKind::InvalidRequest,
        _ => shared_kind(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_asks_for_another_reaction() {
        for (code, expected) in [
            (-1002, ErrorKind::Auth),
            (-1003, ErrorKind::RateLimited),
            (-1007, ErrorKind::Timeout),
            (-1008, ErrorKind::Unavailable),
            (-1021, ErrorKind::Clock),
            (-1100, ErrorKind::InvalidRequest),
            (-1108, ErrorKind::InvalidRequest),
            (-1109, ErrorKind::Exchange),
            (-1112, ErrorKind::NotTradable),
            (-1121, ErrorKind::UnknownInstrument),
            (-1197, ErrorKind::InvalidRequest),
            (-1220, ErrorKind::NotTradable),
            (-2010, ErrorKind::Exchange),
            (-2015, ErrorKind::Auth),
            (-99_999, ErrorKind::Exchange),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
