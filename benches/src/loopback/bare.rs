use std::io::Read;
use std::net::TcpStream;

use tokio_tungstenite::tungstenite::{Message as Frame, client};

use super::Feed;
use crate::{Book, DenseBook, FloorParser};

/// Follows a feed with nothing but own framing, the floor's parser and the floor's book; calls `each` after every message.
///
/// # Panics
/// When the server is not there or does not speak as expected.
pub fn follow(address: &str, feed: &Feed, mut each: impl FnMut()) {
    let stream = TcpStream::connect(address).expect("the server");
    stream.set_nodelay(true).expect("a TCP socket");
    let (mut socket, _) = client(format!("ws://{address}/stream"), stream).expect("a handshake");
    socket.send(Frame::text("BARE")).expect("an open socket");
    let stream = socket.get_mut();
    let mut parser = FloorParser::new(feed.layout, &feed.set.messages[0]).expect("a form that the floor knows");
    let mut book = DenseBook::loaded(feed.layout.scale, &feed.set.snapshots[0]);
    let mut buffer = vec![0_u8; 1 << 18];
    let (mut start, mut end, mut left) = (0, 0, feed.wire.len());
    while left > 0 {
        while let Some((head, length)) = header(&buffer[start..end]) {
            if end - start < head + length {
                break;
            }
            parse(&mut parser, &buffer[start + head..start + head + length]);
            book.apply(&parser.bids, &parser.asks);
            std::hint::black_box(book.touch());
            each();
            start += head + length;
            left -= 1;
        }
        buffer.copy_within(start..end, 0);
        (start, end) = (0, end - start);
        if left > 0 {
            let read = stream.read(&mut buffer[end..]).expect("an open socket");
            assert!(read > 0, "the server has closed");
            end += read;
        }
    }
}

/// Length of a frame's header and of its payload.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        short @ 0..126 => Some((2, usize::from(short))),
        126 => Some((4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)))),
        _ => Some((10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize)),
    }
}

#[allow(unsafe_code)]
fn parse(parser: &mut FloorParser, frame: &[u8]) {
    // SAFETY: the server sends the frames of the feed, all of one form.
    std::hint::black_box(unsafe { parser.parse(frame) });
}

