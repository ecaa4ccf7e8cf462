use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tracing::debug;
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::link::REPLY_TIMEOUT;
use crate::wire::Wire;
use crate::{RenderedRequest, Session, Signature, Stamp};

/// The id of every login. Other requests on a socket have higher ones.
pub const LOGIN_ID: u64 = 0;
/// How long after the refusal of a key that has worked before a socket logs in again.
pub const AUTH_RETRY: Duration = Duration::from_secs(300);
/// When a key is tried again that has never worked: not in the life of this program.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// A frame on its way to be signed, and signed in the end. It is a secret then: nothing prints it.
#[derive(Default)]
pub struct FrameDraft {
    /// The frame.
    pub text: String,
    /// What is signed; `None` if the frame is complete without a signature.
    pub payload: Option<String>,
}

impl Debug for FrameDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FrameDraft(..)")
    }
}

/// How an exchange wants a login written. Pure: no clock, no state.
pub trait LoginDialect: Send + Sync + Debug {
    /// Writes the login but for its signature. An expiry in it lies at most [`LOGIN_VALIDITY`](crate::LOGIN_VALIDITY)
    /// after the time of the stamp. The draft is empty.
    ///
    /// # Errors
    /// Whatever cannot be signed: nothing is sent then.
    fn draft(&self, id: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) -> Result<(), Error>;

    /// Puts the signature into its place.
    fn seal(&self, signature: &Signature, draft: &mut FrameDraft);
}

/// The login of a socket: signed anew at every connection.
#[derive(Clone, Debug)]
pub struct Login {
    session: Session,
    dialect: Arc<dyn LoginDialect>,
}

impl Login {
    /// A login for a session.
    pub fn new(session: Session, dialect: Arc<dyn LoginDialect>) -> Self {
        Self { session, dialect }
    }

    /// Lets a key that was refused be shown once more.
    pub(crate) fn forget_refusal(&self) {
        self.session.forget_refusal();
    }

    /// The login exactly as it would be sent to `url`, signed at the exchange's time `at`, or at that of now.
    ///
    /// # Errors
    /// `Auth` if the signer fails; what the dialect cannot write.
    pub async fn render(&self, url: &str, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        Ok(RenderedRequest::Frame { url: url.to_owned(), text: self.frame(at).await? })
    }

    /// Logs a connection in. `reply` says of a frame whether it is an answer, and why it refuses. A refusal for the clock is
    /// tried once more after a new measurement.
    pub(crate) async fn perform(
        &self,
        wire: &mut Wire,
        reply: impl Fn(&[u8]) -> Option<Option<Error>>,
    ) -> Result<(), Error> {
        let turn = self.session.login_turn().await?;
        let done = self.try_twice(wire, &reply).await;
        turn.ended(done.as_ref().err());
        done
    }

    async fn try_twice(&self, wire: &mut Wire, reply: &impl Fn(&[u8]) -> Option<Option<Error>>) -> Result<(), Error> {
        let measured = self.session.measured();
        match self.attempt(wire, reply).await? {
            None => Ok(()),
            Some(refused) if refused.kind() == ErrorKind::Clock => {
                if let Err(error) = self.session.resync(measured).await {
                    debug!(%error, "the exchange's clock could not be measured again");
                    return Err(refused);
                }
                self.attempt(wire, reply).await?.map_or(Ok(()), Err)
            }
            Some(refused) => Err(refused),
        }
    }

    /// Sends a login and waits for its answer. Returns why it was refused.
    async fn attempt(
        &self,
        wire: &mut Wire,
        reply: &impl Fn(&[u8]) -> Option<Option<Error>>,
    ) -> Result<Option<Error>, Error> {
        let frame = self.frame(None).await?;
        wire.send(Message::text(frame)).await?;
        match timeout(REPLY_TIMEOUT, wire.first(reply)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::new(ErrorKind::Timeout, "no answer to a login")),
        }
    }

    async fn frame(&self, at: Option<Timestamp>) -> Result<String, Error> {
        let mut draft = FrameDraft::default();
        self.dialect.draft(LOGIN_ID, &self.session.stamp(at), &mut draft)?;
        if let Some(payload) = &draft.payload {
            let signature = self.session.credentials().sign(payload.as_bytes()).await?;
            self.dialect.seal(&signature, &mut draft);
        }
        Ok(draft.text)
    }
}

/// Whether it is the exchange that refuses the key. What could not be signed was never shown.
pub(crate) fn is_refusal(error: &Error) -> bool {
    error.kind() == ErrorKind::Auth && error.context("sent").is_none()
}

/// How long to wait after a failure to connect, if it was a key that the exchange refused. `worked`: it had been accepted
/// before.
pub(crate) fn pause_after_refusal(error: &Error, worked: bool) -> Option<Duration> {
    is_refusal(error).then_some(if worked { AUTH_RETRY } else { NEVER })
}
