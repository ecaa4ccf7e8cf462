use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::exchange::Failure;

/// Stands between a client and the exchange's sockets, passes everything on, tells when bytes came, and puts frames of its own
/// between those of the exchange.
pub(crate) struct Tap {
    /// Where clients connect instead.
    pub(crate) url: String,
    orders: Sender<Order>,
    stamps: Receiver<Instant>,
    stopping: std::sync::Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the tap is asked for.
pub(crate) enum Order {
    /// To tell when the next bytes of a client come. It looks all the time until then.
    Watch,
    /// To send these bytes to the client that came last, or to the one that has subscribed private events, and to tell when they left.
    Send(Vec<u8>),
}

struct Link {
    client: TcpStream,
    exchange: TcpStream,
    private: bool,
}

struct Task {
    listener: TcpListener,
    exchange: SocketAddr,
    links: Vec<Link>,
    orders: Receiver<Order>,
    stamps: Sender<Instant>,
    watching: bool,
    buffer: Vec<u8>,
}

impl Tap {
    /// A tap before this socket of the exchange.
    pub(crate) fn start(url: &str) -> Result<Self, Failure> {
        let (host, path) = url.trim_start_matches("ws://").split_once('/').ok_or("a socket without a path")?;
        let exchange: SocketAddr = host.parse()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("ws://{}/{path}", listener.local_addr()?);
        let (orders, received) = channel();
        let (sender, stamps) = channel();
        let stopping = std::sync::Arc::new(AtomicBool::new(false));
        let mut task = Task {
            listener,
            exchange,
            links: Vec::new(),
            orders: received,
            stamps: sender,
            watching: false,
            buffer: vec![0; 1 << 16],
        };
        let stopped = stopping.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Acquire) {
                if !task.turn() && !task.watching {
                    std::thread::sleep(Duration::from_micros(100));
                }
            }
        });
        Ok(Self { url, orders, stamps, stopping, thread: Some(thread) })
    }

    pub(crate) fn ask(&self, order: Order) {
        // A tap that has ended answers nothing, which the next stamp tells.
        drop(self.orders.send(order));
    }

    /// When what was asked for has happened.
    pub(crate) fn stamp(&self) -> Option<Instant> {
        self.stamps.recv_timeout(Duration::from_secs(5)).ok()
    }
}

impl Tap {
    /// As [`Tap::stamp`], if it has happened.
    pub(crate) fn stamp_now(&self) -> Option<Instant> {
        self.stamps.try_recv().ok()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Task {
    /// Looks at everything once. Returns whether there was something.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        if !self.watching {
            busy |= self.accept();
            if let Ok(order) = self.orders.try_recv() {
                self.obey(order);
                busy = true;
            }
        }
        let (mut came, mut gone) = (false, Vec::new());
        for (index, link) in self.links.iter_mut().enumerate() {
            match pass(&mut link.client, &mut link.exchange, &mut self.buffer) {
                Ok(0) => {}
                Ok(_) => came = true,
                Err(()) => gone.push(index),
            }
            if came && self.watching {
                self.watching = false;
                // Whoever has asked may have gone.
                let _ = self.stamps.send(Instant::now());
            }
            if self.watching {
                continue;
            }
            match pass(&mut link.exchange, &mut link.client, &mut self.buffer) {
                Ok(0) => {}
                Ok(length) => {
                    let told = b"\"subscriptionId\"";
                    link.private |= self.buffer[..length].windows(told.len()).any(|window| window == told);
                    busy = true;
                }
                Err(()) => gone.push(index),
            }
        }
        gone.dedup();
        gone.into_iter().rev().for_each(|index| drop(self.links.remove(index)));
        busy || came
    }

    fn accept(&mut self) -> bool {
        let Ok((client, _)) = self.listener.accept() else { return false };
        let Ok(exchange) = TcpStream::connect(self.exchange) else { return false };
        for stream in [&client, &exchange] {
            drop(stream.set_nodelay(true));
            drop(stream.set_nonblocking(true));
        }
        self.links.push(Link { client, exchange, private: false });
        true
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Watch => self.watching = true,
            Order::Send(bytes) => {
                let private = self.links.iter().position(|link| link.private);
                let Some(link) = private.map_or(self.links.len().checked_sub(1), Some) else { return };
                let _ = self.stamps.send(Instant::now());
                let _ = write(&mut self.links[link].client, &bytes);
            }
        }
    }
}

/// Passes on what there is; how many bytes that were.
fn pass(from: &mut TcpStream, to: &mut TcpStream, buffer: &mut [u8]) -> Result<usize, ()> {
    match from.read(buffer) {
        Ok(0) => Err(()),
        Ok(length) => write(to, &buffer[..length]).map(|()| length),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(_) => Err(()),
    }
}

fn write(to: &mut TcpStream, mut bytes: &[u8]) -> Result<(), ()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(_) => return Err(()),
        }
    }
    Ok(())
}
