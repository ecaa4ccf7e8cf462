//! Authorisation.

use crate::Row;

/// Authorisation.
pub(super) const ROWS: &[Row] = &[
    Row::needs("AUTH-01", "the published signing examples give the published signatures", "signed requests"),
    Row::needs("AUTH-02", "odd characters are encoded once and signed as sent", "signed requests"),
    Row::needs("AUTH-03", "timestamps are taken after the wait for the limits", "signed requests"),
    Row::needs("AUTH-04", "public requests carry no key and no signature", "signed requests"),
    Row::needs("AUTH-05", "the first signed request is accepted whatever the machine's clock says", "signed requests"),
    Row::needs(
        "AUTH-06",
        "after a time error the offset is measured and the request sent once more",
        "signed requests",
    ),
    Row::needs("AUTH-07", "a wall clock set back changes no timestamp", "signed requests"),
    Row::needs("AUTH-08", "every private connection signs its login anew", "signed requests"),
    Row::needs("AUTH-09", "refused credentials are told after one request and not repeated", "signed requests"),
    Row::needs("AUTH-10", "an external signer gives the same bytes, or NotSent", "signed requests"),
];
