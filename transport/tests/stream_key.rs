//! A socket whose address holds a key, which is taken, extended and lost by script.

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::socket::{Client, Dialect, Seen, Server};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{KeyLife, Opening, STREAM_KEY_RENEW, STREAM_KEY_RETRY, StreamKey, StreamLimits};

const SECOND: Duration = Duration::from_secs(1);

/// What was asked of a key.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Taken,
    Extended,
}

#[derive(Debug)]
struct Scripted {
    url: String,
    extensions: Mutex<VecDeque<Result<KeyLife, Error>>>,
    asked: mpsc::Sender<(Asked, Instant)>,
}

impl Scripted {
    fn tell(&self, asked: Asked) {
        self.asked.try_send((asked, Instant::now())).expect("room");
    }
}

impl StreamKey for Scripted {
    fn take(&self) -> BoxFuture<'static, Result<String, Error>> {
        self.tell(Asked::Taken);
        ready(Ok(format!("{}/secret", self.url))).boxed()
    }

    fn extend(&self) -> BoxFuture<'static, Result<KeyLife, Error>> {
        self.tell(Asked::Extended);
        ready(self.extensions.lock().expect("whole").pop_front().expect("a script")).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_extended_in_time_again_after_a_failure_and_replaced_when_it_is_gone() {
    let server = Server::start().await;
    let (asked, mut told) = mpsc::channel(16);
    let failure = Err(Error::new(ErrorKind::Unavailable, "not now"));
    let extensions = [Ok(KeyLife::Extended), failure, Ok(KeyLife::Extended), Ok(KeyLife::Gone)];
    let extensions = Mutex::new(extensions.into());
    let key = Arc::new(Scripted { url: server.url.clone(), extensions, asked });
    let limits = StreamLimits { topics_per_request: 1, request_bytes_max: 100, frames_per_second: 10 };
    let url = server.url.clone();
    let mut client = Client::start_with(Dialect { url, limits, ping: None, login: None, key: Some(key) });
    let peer = tokio::spawn(server.accept().await.end());
    client.expect(&[Seen::Opened(Opening::New)]).await;

    let (first, mut last) = told.recv().await.expect("asked");
    assert_eq!(first, Asked::Taken);
    for pause in [STREAM_KEY_RENEW, STREAM_KEY_RENEW, STREAM_KEY_RETRY, STREAM_KEY_RENEW] {
        let (asked, at) = told.recv().await.expect("asked");
        assert_eq!(asked, Asked::Extended);
        let waited = at - last;
        assert!(waited >= pause && waited < pause + SECOND, "{waited:?}");
        last = at;
    }
    assert!(matches!(client.next().await, Seen::Closed(reason) if reason.contains("key")));
    peer.await.expect("the old connection was closed");
    let (asked, at) = told.recv().await.expect("asked");
    assert_eq!((asked, at - last < SECOND), (Asked::Taken, true));
    let peer = tokio::spawn(server.accept().await.end());
    client.expect(&[Seen::Opened(Opening::New)]).await;
    client.handle.close().await.expect("closed");
    peer.await.expect("closed");
}
