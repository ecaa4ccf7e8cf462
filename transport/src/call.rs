use std::fmt::Debug;

use tradewire_core::{Error, Timestamp};

use crate::{
    Cost, Endpoint, FrameDraft, Login, Query, Refusal, RenderedRequest, Security, Session, Signature, Stamp, Used,
    Verdict,
};

/// Room for the arguments of most commands, key and signature included.
const USUAL_QUERY: usize = 384;

/// An endpoint that can also be called over a socket. Its arguments, its cost and its effect are the same there.
pub trait SocketEndpoint: Endpoint {
    /// What the socket calls it.
    const OP: &'static str;

    /// Reads the result of a good reply.
    ///
    /// # Errors
    /// Kind `Decode` for a result that is not as documented.
    fn decode_result(&self, result: &[u8]) -> Result<Self::Response, Error>;
}

/// A call before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct UnsignedCall<'a> {
    /// The number of the call, never used twice by a socket.
    pub id: u64,
    /// What is called.
    pub op: &'static str,
    /// What it must carry.
    pub security: Security,
    /// The arguments.
    pub query: &'a Query,
    /// How and when it is signed.
    pub stamp: Stamp<'a>,
}

/// What an exchange allows on one socket for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Calls without an answer at one time.
    pub in_flight: usize,
    /// Frames that the exchange takes in a second, pings and pongs included. [`CONTROL_PACE`](crate::CONTROL_PACE)
    /// percent of them are used.
    pub frames_per_second: usize,
    /// What a new connection takes from the limits, its login included; `None`: nothing.
    pub connecting: Option<Cost>,
}

/// What a frame is to the socket's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFrame {
    /// The answer to a call or to a login.
    Reply {
        /// The number of the call, if it can be told.
        id: Option<u64>,
    },
    /// The exchange will close this connection soon.
    ShutdownNotice,
    /// Anything else.
    Other,
}

/// A reply, read but for its result.
#[derive(Debug)]
pub struct CallAnswer<'a> {
    /// The status, as over HTTP: 200 for success.
    pub status: u16,
    /// The result of a good reply; of a bad one, whatever says more than its error.
    pub body: &'a [u8],
    /// The error that it states.
    pub error: Option<Error>,
    /// Whether it says that a limit was passed.
    pub refusal: Option<Refusal>,
    /// How much of which limits is used.
    pub used: Vec<Used>,
}

/// How an exchange's socket for calls is spoken to. Pure: no clock, no state.
pub trait CallDialect: Send + Sync + Debug {
    /// Where the socket connects to. Asked for at every connection.
    fn url(&self) -> String;

    /// The login of every new connection, before any call; `None` where there is none.
    fn login(&self) -> Option<Login> {
        None
    }

    /// Writes a call but for its signature, with what is to be signed if it is signed at all. The draft is empty.
    fn draft(&self, call: &UnsignedCall<'_>, draft: &mut FrameDraft);

    /// Puts the signature into its place.
    fn seal(&self, signature: &Signature, draft: &mut FrameDraft);

    /// What is allowed.
    fn limits(&self) -> CallLimits;

    /// The exchange's own ping, sent at every ping interval. `None`: a protocol ping, sent after an interval of silence.
    fn ping(&self) -> Option<String> {
        None
    }

    /// What a frame is.
    fn classify(&self, frame: &[u8]) -> CallFrame;

    /// Reads a frame that is a reply.
    ///
    /// # Errors
    /// Kind `Decode` for a reply that is not as documented: what became of the call is not known then.
    fn answer<'a>(&self, frame: &'a [u8]) -> Result<CallAnswer<'a>, Error>;

    /// What an error that the exchange has stated proves about a command: by its code and status, never by words.
    fn outcome(&self, error: &Error) -> Verdict;
}

/// A call exactly as a socket would send it as its first, signed at the exchange's time `at`, or at that of now. Sends
/// nothing, and needs no socket.
///
/// # Errors
/// `Auth` if the signer fails.
pub async fn render_call<E: SocketEndpoint>(
    endpoint: &E,
    dialect: &dyn CallDialect,
    session: &Session,
    at: Option<Timestamp>,
) -> Result<RenderedRequest, Error> {
    let text = write_call(endpoint, dialect, session, 1, at).await?;
    Ok(RenderedRequest::Frame { url: dialect.url(), text })
}

/// Writes and signs a call.
pub(crate) async fn write_call<E: SocketEndpoint>(
    endpoint: &E,
    dialect: &dyn CallDialect,
    session: &Session,
    id: u64,
    at: Option<Timestamp>,
) -> Result<String, Error> {
    let mut query = Query::with_capacity(USUAL_QUERY);
    endpoint.query(&mut query);
    let mut draft = FrameDraft { text: String::with_capacity(2 * USUAL_QUERY), payload: None };
    let call = UnsignedCall { id, op: E::OP, security: E::SECURITY, query: &query, stamp: session.stamp(at) };
    dialect.draft(&call, &mut draft);
    if let Some(payload) = &draft.payload {
        let signature = session.credentials().sign(payload.as_bytes()).await?;
        dialect.seal(&signature, &mut draft);
    }
    Ok(draft.text)
}
