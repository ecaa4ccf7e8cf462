//! From socket to handler a frame costs no allocation once the buffers have their size, and a signature hardly any.

#![allow(unsafe_code)] // A counting allocator cannot be written without.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::time::Duration;

use common::socket::{Dialect, Server};
use futures_util::SinkExt;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, Timestamp};
use tradewire_transport::{
    Clock, ConnectPace, FrameKind, Opening, ProxyChoice, Secret, SigningKey, Socket, SocketConfig, SocketContext,
    SocketHandler, StreamLimits,
};

struct Counting;

thread_local! {
    static COUNTED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    static ALLOCATIONS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTED.get() {
            ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WARM_UP: u64 = 20_000;
const MEASURED: u64 = 100_000;

struct Counter {
    frames: u64,
    bytes: usize,
    before: u64,
    done: Option<oneshot::Sender<u64>>,
}

impl SocketHandler for Counter {
    type Command = ();

    fn opened(&mut self, _: Opening, _: &mut SocketContext) {}

    fn frame(&mut self, frame: &[u8], _: Timestamp, _: &mut SocketContext) -> FrameKind {
        self.frames += 1;
        self.bytes += frame.len();
        if self.frames == WARM_UP {
            self.before = ALLOCATIONS.get();
            COUNTED.set(true);
        }
        if self.frames == WARM_UP + MEASURED {
            COUNTED.set(false);
            let allocations = ALLOCATIONS.get() - self.before;
            self.done.take().expect("once").send(allocations).expect("the test waits");
        }
        FrameKind::Data
    }

    fn batch_ended(&mut self, _: &mut SocketContext) {}

    fn subscribed(&mut self, _: &Arc<str>, _: Result<(), Error>, _: &mut SocketContext) {}

    fn closed(&mut self, _: &Error, _: &mut SocketContext) {}

    fn unreachable(&mut self, _: &Error, _: Instant, _: &mut SocketContext) {}

    fn command(&mut self, (): (), _: &mut SocketContext) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn tick(&mut self, _: Instant, _: &mut SocketContext) {}
}

#[test]
fn a_frame_costs_no_allocation() {
    let (done, counted) = oneshot::channel();
    let (tell_url, url) = std::sync::mpsc::channel();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = std::thread::spawn(move || {
        runtime().block_on(async {
            let server = Server::start().await;
            tell_url.send(server.url.clone()).expect("the test waits");
            let mut peer = server.accept().await;
            let frames = [60, 400, 381, 1_600, 5_000].map(|length| Message::text("x".repeat(length)));
            for number in 0..WARM_UP + MEASURED {
                let frame = &frames[usize::try_from(number).expect("small") % frames.len()];
                peer.0.feed(frame.clone()).await.expect("sent");
            }
            peer.0.flush().await.expect("sent");
            peer.end().await;
        });
    });
    let url = url.recv().expect("the server runs");
    let allocations = runtime().block_on(async {
        let limits = StreamLimits { topics_per_request: 1, request_bytes_max: 100, frames_per_second: 5 };
        let config = SocketConfig {
            exchange: "test",
            proxy: ProxyChoice::Direct,
            connects: ConnectPace::new(300, Duration::from_secs(300)),
            clock: Clock::start(),
        };
        let counter = Counter { frames: 0, bytes: 0, before: 0, done: Some(done) };
        let socket =
            Socket::spawn(counter, Arc::new(Dialect { url, limits, ping: None, login: None, key: None }), config)
                .expect("an address");
        let begun = Instant::now();
        let allocations = counted.await.expect("counted");
        println!("{:?} for {} frames", begun.elapsed(), WARM_UP + MEASURED);
        socket.close().await.expect("closed");
        allocations
    });
    server.join().expect("joined");
    // The runtime allocates once in a while by itself: on a slow machine one of these can fall among the frames.
    assert!(allocations <= 2, "{allocations} allocations for {MEASURED} frames");
}

#[test]
fn a_signature_costs_no_allocation_and_ed25519_one_inside_its_library() {
    let keys = [(SigningKey::hmac_sha256(&Secret::new("a secret")), 0), (SigningKey::ed25519(&[7; 32]), 1)];
    let payload = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&timestamp=1700000000000";
    let mut text = String::with_capacity(1_024);
    for (key, most) in keys {
        let key = key.expect("a key");
        key.sign(payload.as_bytes()).expect("signed").append_encoded_to(&mut text);
        let before = ALLOCATIONS.get();
        COUNTED.set(true);
        key.sign(payload.as_bytes()).expect("signed").append_encoded_to(&mut text);
        COUNTED.set(false);
        assert!(ALLOCATIONS.get() - before <= most, "{key:?}");
    }
}
