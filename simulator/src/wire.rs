//! A byte stream that can be cut in the middle of an answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How many more bytes a connection may send.
#[derive(Clone, Debug)]
pub(crate) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// Without bound.
    pub(crate) fn unlimited() -> Allowance {
        Allowance(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    /// Lets `bytes` more out; then the connection breaks.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// A TCP connection under an [`Allowance`].
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    allowance: Allowance,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, allowance: Allowance) -> Wire {
        Wire { stream, allowance }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let allowed = self.allowance.0.load(Ordering::Relaxed);
        if allowed == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let part = &buf[..buf.len().min(allowed)];
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
        if allowed != usize::MAX {
            self.allowance.cut_after(allowed - written);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
