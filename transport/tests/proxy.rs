//! What environment variables do is tested in a process of its own, and this machine itself is never reached by a proxy:
//! so the test asks for a name that does not exist, which the proxy alone can resolve.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::socket::{Client, Dialect, Seen, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tradewire_transport::{Opening, ProxyChoice, StreamLimits};

/// Only a failure takes this long.
const LONG: Duration = Duration::from_secs(20);
/// The variable by which the test's child knows that it is one.
const CHILD: &str = "TRADEWIRE_TEST_PROXY_CHILD";

#[tokio::test]
async fn sockets_go_through_the_proxy_of_the_environment() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = Server::start().await;
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "the_child", "--ignored"])
        .env(CHILD, "1")
        .env("HTTP_PROXY", format!("http://name:word@{}", proxy.local_addr().expect("an address")))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let proxying = async {
        let (near, _) = proxy.accept().await.expect("a connection");
        relay(near, server.url.trim_start_matches("ws://")).await
    };
    let greeting = async {
        let mut peer = server.accept().await;
        peer.send("through").await;
        peer.end().await;
    };
    let told = timeout(LONG, async { tokio::join!(proxying, greeting) }).await;
    let child = child.wait_with_output().expect("ended");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let (request, ()) = told.expect("in time");
    assert!(request.starts_with("CONNECT exchange.invalid:80 HTTP/1.1\r\nHost: exchange.invalid:80\r\n"), "{request}");
    assert!(request.contains("Proxy-Authorization: Basic bmFtZTp3b3Jk\r\n"), "{request}");
}

/// Plays a proxy for one connection. Returns what was asked of it.
async fn relay(mut near: TcpStream, target: &str) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        near.read_buf(&mut request).await.expect("read");
    }
    let mut far = TcpStream::connect(target).await.expect("connected");
    near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("written");
    // Either end may close while something is still on its way to it.
    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    String::from_utf8(request).expect("text")
}

#[tokio::test]
#[ignore = "started by sockets_go_through_the_proxy_of_the_environment"]
async fn the_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let limits = StreamLimits { topics_per_request: 1, request_bytes_max: 100, frames_per_second: 5 };
    let dialect = Dialect { url: "ws://exchange.invalid/".into(), limits, ping: None, login: None, key: None };
    let mut client = Client::start_over(dialect, ProxyChoice::FromEnvironment);
    let seen = timeout(LONG, client.next()).await.expect("in time");
    assert_eq!(seen, Seen::Opened(Opening::New));
    client.expect(&[Seen::Frame("through".into())]).await;
    client.handle.close().await.expect("closed");
}
