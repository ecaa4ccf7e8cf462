//! The server that plays a script.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Addresses, Error, ErrorKind};

use super::http::{self, Client, Incoming};
use super::pattern::{self, Captured};
use super::script::{Answer, Script, ScriptFailure, Step};

/// How long [`ScriptedServer::finish`] waits for what the script still expects.
const PATIENCE: Duration = Duration::from_secs(5);
/// The status of an answer to what the script does not expect.
const UNEXPECTED: u16 = 501;

/// A server on loopback that plays a [`Script`]. Dropped without [`ScriptedServer::finish`] it ends by itself.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    play: Arc<Play>,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

impl ScriptedServer {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// `Connection` if there is no port.
    pub async fn start(script: Script) -> Result<Self, Error> {
        let none = |error| Error::new(ErrorKind::Connection, "no port for a scripted server").with_source(error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(none)?;
        let address = listener.local_addr().map_err(none)?;
        let play = Arc::new(Play::new(script));
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&play), stopped));
        Ok(Self { address, play, stop, accepting })
    }

    /// Where it is: REST and every socket.
    pub fn addresses(&self) -> Addresses {
        let socket = format!("ws://{}", self.address);
        Addresses::own(format!("http://{}", self.address), &socket).with_sockets(Some(socket.clone()), Some(socket))
    }

    /// Waits until all of the script was played, for at most five seconds, and stops. Everything that was not as in the script
    /// is told, and every line that was not reached.
    ///
    /// # Errors
    /// The failures, in the order in which they were found.
    pub async fn finish(self) -> Result<(), Vec<ScriptFailure>> {
        let Self { play, stop, accepting, .. } = self;
        // What is left to be played is told below.
        let _ = timeout(PATIENCE, play.played()).await;
        // Both fail only where it has ended already.
        let _ = stop.send(());
        let _ = accepting.await;
        let failures = play.failures();
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }
}

async fn accept(listener: TcpListener, play: Arc<Play>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&play)));
                }
            }
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, play: Arc<Play>) {
    let mut client = BufReader::new(stream);
    // A client that goes away in the middle is missed by the lines that it does not reach.
    while let Ok(Some(request)) = Incoming::next(&mut client).await {
        if request.opens_a_socket() {
            if let Some(at) = play.open(request.path())
                && let Ok(socket) = http::upgrade(client, &request).await
            {
                converse(socket, at, &play).await;
            }
            return;
        }
        let Answer { status, headers, body } = play.answer(&request);
        if http::answer(&mut client, status, &headers, &http::wire_text(&body)).await.is_err() {
            return;
        }
    }
}

/// Goes through the lines of one connection of a socket.
async fn converse(mut socket: WebSocketStream<Client>, at: usize, play: &Play) {
    while let Some((line, step)) = play.step(at) {
        let went_well = match step {
            Step::Gets(wanted) => {
                let Some(frame) = next_frame(&mut socket).await else { return };
                play.frame(line, &wanted, &frame)
            }
            Step::Sends(frame) => {
                let frame = http::wire_text(&pattern::filled(&frame, &play.captured()));
                socket.send(Message::text(frame)).await.is_ok()
            }
            Step::Closes => socket.close(None).await.is_ok(),
        };
        if !went_well {
            return;
        }
        play.step_done(at);
    }
    while let Some(frame) = next_frame(&mut socket).await {
        play.fail(play.last_line(at), format!("expected nothing more on this socket, came {frame}"));
    }
}

/// The next frame of text; pings are answered underneath.
async fn next_frame(socket: &mut WebSocketStream<Client>) -> Option<String> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return Some(text.to_string()),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

/// How far a script is.
#[derive(Debug)]
struct Play {
    script: Script,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Whether each exchange was used.
    used: Vec<bool>,
    /// How many steps of each conversation were gone through, if it was opened.
    done: Vec<Option<usize>>,
    captured: Captured,
    failures: Vec<ScriptFailure>,
}

impl Play {
    fn new(script: Script) -> Self {
        let state = State {
            used: vec![false; script.exchanges.len()],
            done: vec![None; script.conversations.len()],
            ..State::default()
        };
        Self { script, state: Mutex::new(state), changed: Notify::new() }
    }

    /// The answer to a request, by the first line that is like it.
    fn answer(&self, incoming: &Incoming) -> Answer {
        let came = incoming.written();
        let mut nearest = None;
        let mut state = self.state.lock();
        for (at, known) in self.script.exchanges.iter().enumerate() {
            let same_place = known.request.method == came.method && known.request.path == came.path;
            if !same_place || (state.used[at] && !known.repeat) {
                continue;
            }
            let mut captured = state.captured.clone();
            match known.request.compare(&came, &mut captured) {
                Ok(()) => {
                    state.used[at] = true;
                    state.captured = captured;
                    let body = pattern::filled(&known.answer.body, &state.captured);
                    drop(state);
                    self.changed.notify_waiters();
                    return Answer { body, ..known.answer.clone() };
                }
                Err(difference) => nearest = nearest.or(Some((known.line, difference))),
            }
        }
        drop(state);
        let (line, difference) = nearest.unwrap_or_else(|| (0, "no line, or no other, expects it".to_owned()));
        let text = format!("{} {}: {difference}", incoming.method, incoming.target);
        self.fail(line, text.clone());
        Answer { status: UNEXPECTED, headers: BTreeMap::new(), body: text.into() }
    }

    /// The conversation of a connection to a path.
    fn open(&self, path: &str) -> Option<usize> {
        let mut state = self.state.lock();
        let mut known = self.script.conversations.iter().enumerate();
        let found = known.find(|(at, known)| known.path == path && state.done[*at].is_none()).map(|(at, _)| at);
        match found {
            Some(at) => state.done[at] = Some(0),
            None => {
                drop(state);
                self.fail(0, format!("a socket to {path}: no line, or no other, opens it"));
            }
        }
        self.changed.notify_waiters();
        found
    }

    /// The next line of a conversation.
    fn step(&self, at: usize) -> Option<(usize, Step)> {
        let done = self.state.lock().done[at]?;
        self.script.conversations[at].steps.get(done).cloned()
    }

    fn step_done(&self, at: usize) {
        if let Some(done) = &mut self.state.lock().done[at] {
            *done += 1;
        }
        self.changed.notify_waiters();
    }

    fn last_line(&self, at: usize) -> usize {
        let conversation = &self.script.conversations[at];
        conversation.steps.last().map_or(conversation.line, |(line, _)| *line)
    }

    /// Whether a frame is as wanted.
    fn frame(&self, line: usize, wanted: &serde_json::Value, frame: &str) -> bool {
        let mut state = self.state.lock();
        let compared = pattern::compare("frame", wanted, &pattern::read(frame), &mut state.captured);
        drop(state);
        match compared {
            Ok(()) => true,
            Err(difference) => {
                self.fail(line, difference);
                false
            }
        }
    }

    fn captured(&self) -> Captured {
        self.state.lock().captured.clone()
    }

    fn fail(&self, line: usize, text: String) {
        self.state.lock().failures.push(ScriptFailure { line, text });
        self.changed.notify_waiters();
    }

    /// Waits until every line was reached, or something was not as in the script.
    async fn played(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !self.state.lock().failures.is_empty() || self.unreached().is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// What was not as in the script, and then what was not reached.
    fn failures(&self) -> Vec<ScriptFailure> {
        let mut failures = self.state.lock().failures.clone();
        failures.extend(self.unreached());
        failures
    }

    fn unreached(&self) -> Vec<ScriptFailure> {
        let state = self.state.lock();
        let asked = self.script.exchanges.iter().zip(&state.used).filter(|(_, used)| !**used).map(|(known, _)| {
            let text = format!("{} {} was not asked for", known.request.method, known.request.path);
            ScriptFailure { line: known.line, text }
        });
        let conversations = self.script.conversations.iter().zip(&state.done);
        let said = conversations.filter_map(|(known, done)| match done {
            None => Some(ScriptFailure { line: known.line, text: format!("no socket to {} was opened", known.path) }),
            Some(done) => {
                let (line, _) = known.steps.get(*done)?;
                Some(ScriptFailure { line: *line, text: format!("the socket to {} did not come so far", known.path) })
            }
        });
        asked.chain(said).collect()
    }
}
