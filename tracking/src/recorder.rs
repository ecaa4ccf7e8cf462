use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::capture::{CaptureKind, CaptureLine, CaptureWriter};

/// Frames that wait for the disk before further ones are lost, and counted.
const QUEUE: usize = 65_536;

/// Keeps raw frames with their receive times in a file, written by a thread of its own. Cheap to clone.
///
/// Market data only: frames of a private stream are not for recordings.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    lines: SyncSender<Option<CaptureLine<'static>>>,
    writer: Mutex<Option<JoinHandle<Result<u64, Error>>>>,
    lost: AtomicU64,
}

impl Recorder {
    /// Creates the file, gzip'd. An existing one is not overwritten.
    ///
    /// # Errors
    /// `Io` with the path.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let writer = CaptureWriter::create(path)?;
        let (lines, waiting) = sync_channel(QUEUE);
        let writer = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write(writer, &waiting))
            .map_err(|cause| Error::new(ErrorKind::Io, "cannot start the recorder").with_source(cause))?;
        Ok(Self { shared: Arc::new(Shared { lines, writer: Mutex::new(Some(writer)), lost: AtomicU64::new(0) }) })
    }

    pub(crate) fn record(&self, kind: CaptureKind, connection: u32, url: &str, raw: &[u8], received: Timestamp) {
        let line = CaptureLine {
            received,
            connection,
            kind,
            url: Cow::Owned(url.to_owned()),
            raw: Cow::Owned(String::from_utf8_lossy(raw).into_owned()),
        };
        if self.shared.lines.try_send(Some(line)).is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what waits, ends the file, and returns the number of lines written and of lines lost.
    ///
    /// # Errors
    /// `Io` with the path, for example when the disk is full.
    pub fn finish(&self) -> Result<(u64, u64), Error> {
        let Some(writer) = self.shared.writer.lock().take() else { return Ok((0, 0)) };
        // The writer has ended early only with an error, which joining it returns.
        drop(self.shared.lines.send(None));
        let written = writer.join().map_err(|_| Error::new(ErrorKind::Io, "the recorder ended abnormally"))??;
        Ok((written, self.shared.lost.load(Ordering::Relaxed)))
    }
}

fn write(mut writer: CaptureWriter, lines: &Receiver<Option<CaptureLine<'static>>>) -> Result<u64, Error> {
    let mut written = 0;
    while let Ok(Some(line)) = lines.recv() {
        writer.write(&line)?;
        written += 1;
    }
    writer.finish()?;
    Ok(written)
}
