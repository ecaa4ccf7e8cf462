use tradewire_wire::Cursor;

/// What stands around the data of a message, in any order: its kind and its times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head {
    /// Whether it is a snapshot and no change.
    pub(crate) snapshot: Option<bool>,
    /// When it was sent, in milliseconds.
    pub(crate) sent: Option<u64>,
    /// When the engine produced it, in milliseconds.
    pub(crate) made: Option<u64>,
}

impl Head {
    /// Steps over the fields between the topic and the data, with the name of the data.
    #[inline(always)]
    pub(crate) fn read_before_data(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        loop {
            cursor.expect(b",\"")?;
            if cursor.eat(b"data\":") {
                return Some(());
            }
            self.read_field(cursor)?;
        }
    }

    /// Steps over the fields after the data, and checks that nothing else follows.
    #[inline(always)]
    pub(crate) fn read_after_data(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        while cursor.eat(b",\"") {
            self.read_field(cursor)?;
        }
        cursor.expect(b"}")?;
        cursor.ends_with(b"").then_some(())
    }

    /// A field whose opening quote has been read. Each comes once.
    #[inline(always)]
    fn read_field(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        if cursor.eat(b"type\":\"") {
            let snapshot = cursor.eat(b"snapshot\"");
            if !snapshot {
                cursor.expect(b"delta\"")?;
            }
            once(&mut self.snapshot, snapshot)
        } else if cursor.eat(b"ts\":") {
            once(&mut self.sent, cursor.time()?)
        } else {
            cursor.expect(b"cts\":")?;
            once(&mut self.made, cursor.time()?)
        }
    }
}

/// Takes a value that must not have come before.
#[inline(always)]
pub(crate) fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}
