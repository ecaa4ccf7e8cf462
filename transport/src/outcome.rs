use bytes::Bytes;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind};

/// What an exchange's error answer proves about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The command was refused: nothing came of it.
    Refused,
    /// It may have taken effect.
    Unknown,
}

/// What is known about a command that has no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Proved not to have left this machine.
    NotSent,
    /// The exchange answered and refused.
    Rejected,
    /// No proof either way.
    Unknown,
}

/// Why a command has no good answer, on either wire.
#[derive(Debug)]
pub struct CommandFailure {
    /// What is known about it.
    pub outcome: Outcome,
    /// What went wrong.
    pub error: Error,
    /// The whole body of an error answer, for commands whose error answers say more than a code.
    pub body: Option<Bytes>,
}

impl CommandFailure {
    /// The failure of a command about one order.
    #[must_use]
    pub fn about(self, client_order_id: &ClientOrderId) -> CommandError {
        match self.outcome {
            Outcome::NotSent => CommandError::NotSent(self.error),
            Outcome::Rejected => CommandError::Rejected(self.error),
            Outcome::Unknown => CommandError::Unknown { client_order_id: client_order_id.clone(), cause: self.error },
        }
    }

    pub(crate) fn not_sent(error: Error) -> Self {
        let error = if error.context("sent").is_none() { error.with("sent", "no") } else { error };
        Self { outcome: Outcome::NotSent, error, body: None }
    }

    pub(crate) fn unknown(error: Error) -> Self {
        Self { outcome: Outcome::Unknown, error, body: None }
    }
}

/// What became of each order of a command for several, by the reply: one result an order, in their order. `verdict` says
/// what the error of one of them proves.
pub fn outcomes_of_each<T>(
    reply: Result<Vec<Result<T, Error>>, CommandFailure>,
    ids: &[ClientOrderId],
    verdict: fn(&Error) -> Verdict,
) -> Vec<Result<T, CommandError>> {
    let results = match reply {
        Ok(results) => results,
        Err(CommandFailure { outcome, error, .. }) => {
            let same = |id| Err(CommandFailure { outcome, error: error.clone(), body: None }.about(id));
            return ids.iter().map(same).collect();
        }
    };
    let unsaid = || Err(Error::new(ErrorKind::Decode, "the reply says nothing of this order"));
    let mut results = results.into_iter();
    let outcome = |id: &ClientOrderId| {
        results.next().unwrap_or_else(unsaid).map_err(|error| match verdict(&error) {
            Verdict::Refused => CommandError::Rejected(error),
            Verdict::Unknown => CommandError::Unknown { client_order_id: id.clone(), cause: error },
        })
    };
    ids.iter().map(outcome).collect()
}

/// What became of a command that is several to the exchange. All good: the rows of all. Else what all of them have in common; if
/// that is nothing, a part may have taken effect and the outcome is unknown.
///
/// # Errors
/// The first failure.
pub fn outcome_of_parts<T>(parts: Vec<Result<Vec<T>, CommandFailure>>) -> Result<Vec<T>, CommandFailure> {
    let outcome = |part: &Result<Vec<T>, CommandFailure>| part.as_ref().err().map(|failure| failure.outcome);
    let first = parts.first().and_then(outcome);
    let alike = parts.iter().all(|part| outcome(part) == first);
    let rows: Result<Vec<Vec<T>>, CommandFailure> = parts.into_iter().collect();
    match rows {
        Ok(rows) => Ok(rows.into_iter().flatten().collect()),
        Err(failure) if alike => Err(failure),
        Err(failure) => Err(CommandFailure { outcome: Outcome::Unknown, ..failure }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_code(error: &Error) -> Verdict {
        if error.code().is_some() { Verdict::Refused } else { Verdict::Unknown }
    }

    #[test]
    fn a_command_of_which_a_part_took_effect_is_of_unknown_outcome() {
        let refused = || {
            let error = Error::new(ErrorKind::Exchange, "no");
            Err(CommandFailure { outcome: Outcome::Rejected, error, body: None })
        };
        let unsent = || Err(CommandFailure::not_sent(Error::new(ErrorKind::Connection, "down")));
        assert_eq!(outcome_of_parts(vec![Ok(vec![1]), Ok(vec![2, 3])]).expect("rows"), [1, 2, 3]);
        let outcome = |parts: Vec<Result<Vec<u8>, _>>| outcome_of_parts(parts).expect_err("a failure").outcome;
        assert_eq!(outcome(vec![unsent(), unsent()]), Outcome::NotSent);
        assert_eq!(outcome(vec![refused(), refused()]), Outcome::Rejected);
        for mixed in [vec![Ok(vec![1]), unsent()], vec![refused(), Ok(vec![])], vec![unsent(), refused()]] {
            assert_eq!(outcome(mixed), Outcome::Unknown);
        }
    }

    #[test]
    fn each_order_of_a_batch_has_an_outcome_of_its_own() {
        let ids: Vec<ClientOrderId> = ["a", "b", "c", "d"].map(ClientOrderId::from).into();
        let error = || Error::new(ErrorKind::Exchange, "no");
        let told = vec![Ok(1), Err(error().with_code(-1)), Err(error())];
        let outcomes = outcomes_of_each(Ok(told), &ids, by_code);
        assert!(matches!(outcomes[0], Ok(1)));
        assert!(matches!(outcomes[1], Err(CommandError::Rejected(_))));
        for (id, outcome) in ids.iter().zip(&outcomes).skip(2) {
            let Err(CommandError::Unknown { client_order_id, .. }) = outcome else { panic!("{outcome:?}") };
            assert_eq!(client_order_id, id, "what is not told of is not known either");
        }
        let unsent = outcomes_of_each::<()>(Err(CommandFailure::not_sent(error())), &ids, by_code);
        assert!(unsent.len() == 4 && unsent.iter().all(|outcome| matches!(outcome, Err(CommandError::NotSent(_)))));
    }
}
