use std::io::Read;
use std::net::TcpStream;

use tokio_tungstenite::tungstenite::{Message as Frame, client};

/// Follows a feed of `messages` with nothing but own framing; gives every payload to `each`.
///
/// # Panics
/// When the server is not there or does not speak as expected.
pub fn follow(address: &str, messages: usize, mut each: impl FnMut(&[u8])) {
    let stream = TcpStream::connect(address).expect("the server");
    stream.set_nodelay(true).expect("a TCP socket");
    let (mut socket, _) = client(format!("ws://{address}/stream"), stream).expect("a handshake");
    socket.send(Frame::text("BARE")).expect("an open socket");
    let stream = socket.get_mut();
    let mut buffer = vec![0_u8; 1 << 18];
    let (mut start, mut end, mut left) = (0, 0, messages);
    while left > 0 {
        while let Some((head, length)) = header(&buffer[start..end]) {
            if end - start < head + length {
                break;
            }
            each(&buffer[start + head..start + head + length]);
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
