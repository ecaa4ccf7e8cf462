use std::fmt;

/// The exchange's word for a market of its own rules, accounts being the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Category {
    /// Asset against asset.
    Spot,
    /// Perpetuals settled in USDT or USDC.
    Linear,
}

impl Category {
    /// The word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Linear => "linear",
        }
    }

    /// The category of a word; `None` for one that is not served here.
    pub(crate) fn named(word: &str) -> Option<Self> {
        [Self::Spot, Self::Linear].into_iter().find(|known| known.word() == word)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
