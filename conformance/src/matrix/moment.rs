/// When a fault comes, seen from the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// It is in force before the command starts.
    Before,
    /// It strikes the command itself, or comes while the command is on its way.
    During,
    /// It comes right after the reply; then a part of the order is filled, if it is live.
    After,
}

impl Moment {
    pub(super) const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
        }
    }
}
