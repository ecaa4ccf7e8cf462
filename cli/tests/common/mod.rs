//! Running the program and a simulated exchange for it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod trader;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// What a run of the program left behind.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Standard output as one JSON object a line.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Fails unless it ended with `status` and exactly one line on standard error, holding all `words`.
    pub(crate) fn refused(&self, status: i32, words: &[&str]) {
        assert_eq!(self.status, Some(status), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "one line: {}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "'{word}' in {}", self.stderr);
        }
        assert_eq!(self.stdout, "");
    }
}

/// What the program reads besides its command line. None of it comes from whoever runs the tests.
const SETTINGS: [&str; 8] = [
    "RUST_LOG",
    "TRADEWIRE_API_KEY",
    "TRADEWIRE_SECRET_KEY",
    "TRADEWIRE_PRIVATE_KEY_FILE",
    "TRADEWIRE_KEYSTORE",
    "TRADEWIRE_KEYSTORE_PASSPHRASE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewire"));
    command.args(args).stdin(Stdio::null());
    for name in SETTINGS {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn tradewire(args: &[&str]) -> Run {
    finished(&program(args).output().expect("the program starts"))
}

/// Runs the program to its end where nobody reads what it prints, and tells its exit status.
pub(crate) fn unread(args: &[&str]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    program(args).stdout(writer).stderr(Stdio::null()).status().expect("the program starts").code()
}

fn finished(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Run { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A user: a home of their own, settings in the environment, and something to type.
pub(crate) struct User {
    pub(crate) home: tempfile::TempDir,
    settings: Vec<(String, String)>,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a folder"), settings: Vec::new() }
    }

    /// The same person and home, with nothing in the environment.
    pub(crate) fn without_settings(self) -> Self {
        Self { settings: Vec::new(), ..self }
    }

    /// With an environment variable.
    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file with these permissions, and tells its path.
    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("changed");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Runs the program to its end.
    pub(crate) fn tradewire(&self, args: &[&str]) -> Run {
        self.typing("", args)
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.env("HOME", self.home.path()).envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the program.
    pub(crate) fn running(&self, args: &[&str]) -> Running {
        Running::of(self.program(args))
    }

    /// Runs the program to its end, with a text to read from standard input.
    pub(crate) fn typing(&self, text: &str, args: &[&str]) -> Run {
        let mut command = self.program(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // The program may have ended without reading.
        let _ = child.stdin.take().expect("piped").write_all(text.as_bytes());
        finished(&child.wait_with_output().expect("it ends"))
    }
}

/// The program while it runs. Killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::of(program(args))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout }
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().expect("still open").read_line(&mut line).expect("a line");
        line
    }

    /// Interrupts it as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill exists");
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        drop(self.stdout.take());
        let status = self.child.wait().expect("it ends");
        let stderr = self.child.stderr.take().map(std::io::read_to_string);
        (status.code(), stderr.expect("piped").expect("UTF-8"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `tradewire simulate`, and where it listens.
pub(crate) struct Simulated {
    pub(crate) running: Running,
    pub(crate) first_line: Value,
    pub(crate) rest: String,
    pub(crate) ws: String,
}

impl Simulated {
    pub(crate) fn start(more: &[&str]) -> Self {
        Self::of("binance-spot", more)
    }

    /// Another exchange than the usual one.
    pub(crate) fn of(exchange: &str, more: &[&str]) -> Self {
        let mut running = Running::start(&[&["simulate", "--exchange", exchange], more].concat());
        let line = running.line();
        let first_line: Value = serde_json::from_str(&line).expect(&line);
        let text = |field: &str| first_line[field].as_str().expect(field).to_owned();
        Self { running, rest: text("rest"), ws: text("ws"), first_line }
    }

    /// What the first line says of something.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.first_line[field].as_str().expect(field)
    }

    /// Puts a fault in force.
    pub(crate) fn inject(&self, fault: &str) {
        let place = self.text("control").trim_start_matches("http://");
        let mut control = TcpStream::connect(place).expect("it listens");
        let head =
            format!("POST /faults HTTP/1.1\r\nHost: {place}\r\nContent-Length: {}\r\nConnection: close", fault.len());
        write!(control, "{head}\r\n\r\n{fault}").expect("written");
        let answer = std::io::read_to_string(control).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Runs another command against it.
    pub(crate) fn tradewire(&self, args: &[&str]) -> Run {
        tradewire(&[args, &["--rest", &self.rest, "--ws", &self.ws]].concat())
    }

    /// Starts another command against it.
    pub(crate) fn running(&self, args: &[&str]) -> Running {
        Running::start(&[args, &["--rest", &self.rest, "--ws", &self.ws]].concat())
    }
}
