//! Recordings of raw frames: one JSON object a line, gzip'd or plain, in order of receipt.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tradewire_core::{Error, ErrorKind, Timestamp};

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureLine<'a> {
    /// When it was received, nanoseconds since 1970 by the recording machine.
    #[serde(rename = "t")]
    pub received: Timestamp,
    /// The connection within the file; 0 for REST.
    #[serde(rename = "conn")]
    pub connection: u32,
    /// What it is.
    pub kind: CaptureKind,
    /// Where it came from.
    pub url: Cow<'a, str>,
    /// The exact text.
    pub raw: Cow<'a, str>,
}

/// What a line of a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CaptureKind {
    /// A message received on a socket.
    Ws,
    /// The body of a REST answer.
    Rest,
    /// A connection was opened; the text is empty.
    Open,
    /// A message that was sent.
    Send,
    /// A kind that this library does not know.
    #[serde(other)]
    Unknown,
}

/// Reads a recording line by line.
pub struct CaptureReader {
    path: PathBuf,
    lines: Box<dyn BufRead + Send>,
    text: String,
    number: u64,
}

impl CaptureReader {
    /// Opens a recording, gzip'd or plain.
    ///
    /// # Errors
    /// `Io` with the path if it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|cause| io_error("cannot open the recording", path, cause))?;
        let mut buffered = BufReader::with_capacity(1 << 16, file);
        let start = buffered.fill_buf().map_err(|cause| io_error("cannot read the recording", path, cause))?;
        let gzipped = start.starts_with(&[0x1f, 0x8b]);
        let lines: Box<dyn BufRead + Send> =
            if gzipped { Box::new(BufReader::new(MultiGzDecoder::new(buffered))) } else { Box::new(buffered) };
        Ok(Self { path: path.to_owned(), lines, text: String::new(), number: 0 })
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// `Decode` with the number of the line that is not as it should be; `Io` if the file breaks off or is damaged.
    pub fn next_line(&mut self) -> Result<Option<CaptureLine<'_>>, Error> {
        self.text.clear();
        self.number += 1;
        let read = self.lines.by_ref().read_line(&mut self.text);
        let read = read.map_err(|cause| {
            io_error("the recording is damaged or breaks off", &self.path, cause).with("line", self.number)
        })?;
        if read == 0 {
            return Ok(None);
        }
        let line = serde_json::from_str(&self.text).map_err(|cause| {
            Error::new(ErrorKind::Decode, format!("not a line of a recording: {cause}"))
                .with("file", self.path.display())
                .with("line", self.number)
                .with_frame(self.text.as_bytes())
        })?;
        Ok(Some(line))
    }

    /// The number of the line read last, from 1.
    pub fn line_number(&self) -> u64 {
        self.number
    }
}

/// Writes a recording, gzip'd.
#[derive(Debug)]
pub struct CaptureWriter {
    path: PathBuf,
    out: GzEncoder<BufWriter<File>>,
}

impl CaptureWriter {
    /// Creates the file. An existing one is not overwritten.
    ///
    /// # Errors
    /// `Io` with the path.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(|cause| io_error("cannot create the recording", path, cause))?;
        Ok(Self { path: path.to_owned(), out: GzEncoder::new(BufWriter::new(file), Compression::default()) })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// `Io` with the path, for example when the disk is full.
    pub fn write(&mut self, line: &CaptureLine<'_>) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line)
            .map_err(|cause| Error::new(ErrorKind::Io, "cannot write a line").with_source(cause))?;
        text.push(b'\n');
        self.out.write_all(&text).map_err(|cause| io_error("cannot write the recording", &self.path, cause))
    }

    /// Ends the file properly: without this its last lines are lost.
    ///
    /// # Errors
    /// `Io` with the path.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let finish = || -> io::Result<()> {
            self.out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        };
        finish().map_err(|cause| io_error("cannot finish the recording", &path, cause))
    }
}

fn io_error(message: &'static str, path: &Path, cause: io::Error) -> Error {
    Error::new(ErrorKind::Io, message).with("file", path.display()).with("cause", &cause).with_source(cause)
}
