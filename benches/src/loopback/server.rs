//! Real time on purpose: latencies are measured.
#![allow(clippy::disallowed_methods)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::{Message as Frame, WebSocket, accept};

use super::{Feed, SYMBOL};

/// How fast frames are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As fast as the socket takes them.
    Full,
    /// So many a second, evenly.
    PerSecond(u32),
}

/// When each frame was given to the socket. Empty at full pace.
pub type Sent = Arc<Mutex<Vec<Instant>>>;

/// The stand-in. Frames begin to flow when the snapshot has been asked for, or at once for a bare
/// client.
pub struct Server {
    /// `127.0.0.1` and the port.
    pub address: String,
    /// When each frame was sent.
    pub sent: Sent,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    feed: Arc<Feed>,
    pace: Pace,
    sent: Sent,
    stopping: Arc<AtomicBool>,
    snapshot_asked: Mutex<(Sender<()>, Option<Receiver<()>>)>,
}

impl Server {
    /// Starts it.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(feed: Arc<Feed>, pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener").to_string();
        let (sender, receiver) = channel();
        let (sent, stopping) = (Sent::default(), Arc::new(AtomicBool::new(false)));
        let shared = Arc::new(Shared {
            feed,
            pace,
            sent: Arc::clone(&sent),
            stopping: Arc::clone(&stopping),
            snapshot_asked: Mutex::new((sender, Some(receiver))),
        });
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stopping.load(Ordering::Acquire) {
                    return;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, sent, stopping, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        drop(TcpStream::connect(&self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        drop(stream.set_nodelay(true));
        let mut start = [0_u8; 16];
        let Ok(read) = stream.peek(&mut start) else { return };
        if start[..read].starts_with(b"GET /stream") || start[..read].starts_with(b"GET /ws") {
            if let Ok(socket) = accept(stream) {
                self.stream(socket);
            }
        } else {
            self.answer_requests(stream);
        }
    }

    fn answer_requests(&self, stream: TcpStream) {
        let Ok(mut out) = stream.try_clone() else { return };
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(request)) = lines.next() {
            // The headers end with an empty line; none of these requests has a body.
            while let Some(Ok(header)) = lines.next() {
                if header.is_empty() {
                    break;
                }
            }
            let (status, body) = self.answer(&request);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if out.write_all(head.as_bytes()).and_then(|()| out.write_all(body.as_bytes())).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &str) -> (&'static str, String) {
        if request.contains("/exchangeInfo") {
            ("200 OK", instruments())
        } else if request.contains("/depth") {
            let asked = self.snapshot_asked.lock().map(|asked| asked.0.send(()));
            drop(asked);
            ("200 OK", self.feed.snapshot.clone())
        } else if request.contains("/time") {
            ("200 OK", r#"{"serverTime":1723161257440}"#.to_owned())
        } else if request.contains("/ping") {
            ("200 OK", "{}".to_owned())
        } else {
            ("404 Not Found", "{}".to_owned())
        }
    }

    /// Acknowledges a subscription, sends one frame so that the snapshot is asked for, then all others.
    fn stream(&self, mut socket: WebSocket<TcpStream>) {
        while let Ok(frame) = socket.read() {
            let Frame::Text(text) = frame else { continue };
            let id = text.rsplit("\"id\":").next().and_then(|rest| rest.split(['}', ',']).next()).unwrap_or("null");
            if text.contains("BARE") {
                return self.send_all(socket.get_mut(), 0);
            }
            if socket.send(Frame::text(format!(r#"{{"result":null,"id":{id}}}"#))).is_err() {
                return;
            }
            let waiting = self.snapshot_asked.lock().ok().and_then(|mut asked| asked.1.take());
            let Some(asked) = waiting else { continue };
            let stream = socket.get_mut();
            if stream.write_all(&self.feed.wire[0]).is_err() || asked.recv_timeout(Duration::from_secs(20)).is_err() {
                return;
            }
            // Time for the snapshot to be read and bridged.
            wait_until(Instant::now() + Duration::from_millis(100));
            return self.send_all(stream, 1);
        }
    }

    fn send_all(&self, stream: &mut TcpStream, from: usize) {
        let frames = &self.feed.wire[from..];
        let done = match self.pace {
            Pace::Full => frames.chunks(64).try_for_each(|chunk| stream.write_all(&chunk.concat())),
            Pace::PerSecond(rate) => {
                let (start, gap) = (Instant::now(), Duration::from_secs(1) / rate);
                frames.iter().enumerate().try_for_each(|(index, frame)| {
                    wait_until(start + gap * index as u32);
                    if let Ok(mut sent) = self.sent.lock() {
                        sent.push(Instant::now());
                    }
                    stream.write_all(frame)
                })
            }
        };
        if done.is_ok() {
            // The client closes.
            let _ = stream.read(&mut [0; 64]);
        }
    }
}

fn wait_until(at: Instant) {
    while let Some(left) = at.checked_duration_since(Instant::now()) {
        if left > Duration::from_millis(1) {
            std::thread::park_timeout(left - Duration::from_micros(500));
        } else {
            std::hint::spin_loop();
        }
    }
}

fn instruments() -> String {
    format!(
        r#"{{"timezone":"UTC","serverTime":1723161257440,"rateLimits":[],"exchangeFilters":[],"symbols":[{{"symbol":"{SYMBOL}",
"status":"TRADING","baseAsset":"MADE","quoteAsset":"USDT","orderTypes":["LIMIT"],"permissions":[],"filters":[
{{"filterType":"PRICE_FILTER","minPrice":"0.1","maxPrice":"1000000","tickSize":"0.1"}},
{{"filterType":"LOT_SIZE","minQty":"1","maxQty":"1000000","stepSize":"1"}}]}}]}}"#
    )
}
