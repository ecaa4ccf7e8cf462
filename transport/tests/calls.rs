//! A socket for calls against a scripted server on loopback.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::account::{API_KEY, Bench, Calls, Place, Slow, credentials};
use common::socket::{Peer, Server};
use futures_util::future::join_all;
use tokio::time::Instant;
use tradewire_core::ErrorKind;
use tradewire_transport::{CallSocket, CommandFailure, Credentials, Outcome, Secret};

const SECOND: Duration = Duration::from_secs(1);

/// A server, a socket connected to it, and the server's end of the connection.
async fn connected(bench: &Bench) -> (Server, CallSocket, Peer) {
    let server = Server::start().await;
    let socket = bench.calls(&server.url);
    let peer = server.accept().await;
    socket.connected().await.expect("connected");
    (server, socket, peer)
}

fn spawn(socket: &CallSocket, id: &'static str) -> tokio::task::JoinHandle<Result<String, CommandFailure>> {
    let socket = socket.clone();
    tokio::spawn(async move { socket.command(&Place(id)).await })
}

/// The number of a call.
fn id(call: &str) -> &str {
    call.split(' ').nth(1).expect("an id")
}

#[tokio::test(start_paused = true)]
async fn replies_find_their_calls_in_any_order() {
    let bench = Bench::new();
    let (_server, socket, mut peer) = connected(&bench).await;
    let calls = ["a", "b", "c", "d", "e"].map(|name| spawn(&socket, name));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(peer.text().await);
    }
    for call in seen.iter().rev() {
        let name = call.split(' ').nth(2).expect("arguments");
        peer.send(&format!("{} 200 ={name}", id(call))).await;
    }
    for _ in 0..2 {
        let call = peer.text().await;
        peer.send("999 200 =nobody's").await;
        peer.send(&format!("{} 200 ={}", id(&call), call.split(' ').nth(2).expect("arguments"))).await;
    }
    let replies = join_all(calls).await.into_iter().map(|reply| reply.expect("joined").expect("a reply"));
    assert_eq!(replies.collect::<Vec<_>>(), ["id=a", "id=b", "id=c", "id=d", "id=e"]);
    let [weight, orders] = bench.limits.usage()[..] else { panic!("two pools") };
    assert_eq!((weight.used, orders.used), (2, 5), "the connection has cost 2, successful orders no weight");
    socket.close().await.expect("closed");
    peer.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_written_is_unknown_and_what_was_not_is_not_sent_when_a_connection_drops() {
    let bench = Bench::new();
    let (server, socket, mut peer) = connected(&bench).await;
    let calls = ["a", "b", "c", "d", "e"].map(|name| spawn(&socket, name));
    for _ in 0..3 {
        peer.text().await;
    }
    drop(peer);
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.expect("joined").expect_err("no reply").outcome);
    }
    use Outcome::{NotSent, Unknown};
    assert_eq!(outcomes, [Unknown, Unknown, Unknown, NotSent, NotSent]);
    let error = socket.command(&Place("f")).await.expect_err("no connection");
    assert_eq!((error.outcome, error.error.kind()), (NotSent, ErrorKind::Connection));
    let mut peer = server.accept().await;
    socket.connected().await.expect("connected again");
    let call = spawn(&socket, "g");
    let text = peer.text().await;
    assert!(text.contains("id=g"), "nothing of the old connection: {text}");
    peer.send(&format!("{} 200 =g", id(&text))).await;
    assert_eq!(call.await.expect("joined").expect("a reply"), "g");
    socket.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn errors_are_refusals_or_unknown_by_code_and_status() {
    let bench = Bench::new();
    let (_server, socket, mut peer) = connected(&bench).await;
    for (reply, outcome) in [
        ("400 !-2010", Outcome::Rejected),
        ("400 !-1007", Outcome::Unknown),
        ("500 !-1000", Outcome::Unknown),
        ("400 no error", Outcome::Unknown),
        ("200 not a result", Outcome::Unknown),
        ("garbage", Outcome::Unknown),
    ] {
        let call = spawn(&socket, "a");
        let text = peer.text().await;
        peer.send(&format!("{} {reply}", id(&text))).await;
        assert_eq!(call.await.expect("joined").expect_err(reply).outcome, outcome, "{reply}");
    }
    let call = spawn(&socket, "a");
    let text = peer.text().await;
    peer.send(&format!("{} 429 !-1015", id(&text))).await;
    let failure = call.await.expect("joined").expect_err("refused");
    assert_eq!((failure.outcome, failure.body.as_deref()), (Outcome::Rejected, Some(&b"!-1015"[..])));
    assert!(failure.error.retry_at().is_some());
    let failure = socket.command(&Place("b")).await.expect_err("blocked");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::RateLimited));
    socket.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_waited_for_half_a_minute() {
    let bench = Bench::new();
    let (_server, socket, mut peer) = connected(&bench).await;
    let begun = Instant::now();
    let call = spawn(&socket, "a");
    peer.text().await;
    let reader = tokio::spawn(async move { peer.end().await });
    let failure = call.await.expect("joined").expect_err("no reply");
    assert_eq!((failure.outcome, begun.elapsed().as_secs()), (Outcome::Unknown, 30));
    socket.close().await.expect("closed");
    reader.await.expect("joined");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_delays_no_close() {
    let bench = Bench::new();
    let (_server, socket, mut peer) = connected(&bench).await;
    let call = spawn(&socket, "a");
    peer.text().await;
    let reader = tokio::spawn(async move { peer.end().await });
    call.abort();
    assert!(call.await.is_err(), "given up");
    let begun = Instant::now();
    socket.close().await.expect("closed");
    assert_eq!(begun.elapsed().as_secs(), 0);
    reader.await.expect("joined");
}

#[tokio::test(start_paused = true)]
async fn a_refused_clock_is_measured_again_and_the_call_sent_once_more() {
    let bench = Bench::new();
    let (_server, socket, mut peer) = connected(&bench).await;
    bench.time.ahead.store(10_000, Ordering::SeqCst);
    let call = spawn(&socket, "a");
    let first = peer.text().await;
    assert!(first.contains("t=1700000041"), "{first}");
    peer.send(&format!("{} 400 !-1021", id(&first))).await;
    let second = peer.text().await;
    assert!(second.contains("id=a t=1700000051"), "{second}");
    peer.send(&format!("{} 400 !-1021", id(&second))).await;
    let failure = call.await.expect("joined").expect_err("twice");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::Rejected, ErrorKind::Clock));
    assert_eq!(bench.time.asked.load(Ordering::SeqCst), 1);
    socket.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn before_its_end_a_connection_is_replaced_and_lives_until_its_replies_have_come() {
    let bench = Bench::new();
    let (server, socket, mut old) = connected(&bench).await;
    let early = spawn(&socket, "early");
    let text = old.text().await;
    old.send("bye").await;
    let mut new = server.accept().await;
    // The call that the new connection brings is seen to come over it.
    let late = loop {
        let late = spawn(&socket, "late");
        tokio::select! {
            call = new.text() => {
                new.send(&format!("{} 200 =late", id(&call))).await;
                break late;
            }
            call = old.text() => old.send(&format!("{} 200 =over the old one", id(&call))).await,
        }
    };
    assert_eq!(late.await.expect("joined").expect("a reply"), "late");
    old.send(&format!("{} 200 =early", id(&text))).await;
    assert_eq!(early.await.expect("joined").expect("a reply"), "early");
    old.end().await;
    socket.close().await.expect("closed");
    new.end().await;
}

#[tokio::test(start_paused = true)]
async fn every_connection_logs_in_anew_before_calls_leave() {
    let bench = Bench::new();
    let server = Server::start().await;
    let login = Some(bench.login());
    let socket = bench.calls_in(Calls { url: server.url.clone(), in_flight: 3, login });
    let mut peer = server.accept().await;
    let first = peer.text().await;
    assert!(first.starts_with(&format!("login 0 {API_KEY} 1700000041")), "{first}");
    assert_eq!(socket.watch().problem().expect("not yet").kind(), ErrorKind::Connection);
    peer.send("0 400 !-1021").await;
    let second = peer.text().await;
    peer.send("0 200 fine").await;
    assert_eq!(bench.time.asked.load(Ordering::SeqCst), 2, "before the first login, and after the refusal");
    socket.connected().await.expect("connected");
    drop(peer);
    let mut peer = server.accept().await;
    let third = peer.text().await;
    assert!(third != second && third.starts_with("login 0"), "{third}");
    let begun = Instant::now();
    peer.send("0 401 !-2015").await;
    peer.end().await;
    let failure = socket.command(&Place("a")).await.expect_err("no connection");
    assert_eq!((failure.outcome, failure.error.code()), (Outcome::NotSent, Some(-2015)));
    let mut peer = server.accept().await;
    assert_eq!(begun.elapsed().as_secs(), 300, "a key that had worked");
    peer.text().await;
    socket.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_never_worked_is_not_tried_again() {
    let bench = Bench::new();
    let server = Server::start().await;
    let login = Some(bench.login());
    let socket = bench.calls_in(Calls { url: server.url.clone(), in_flight: 3, login });
    let mut peer = server.accept().await;
    peer.text().await;
    peer.send("0 401 !-2015").await;
    peer.end().await;
    assert!(tokio::time::timeout(86_400 * SECOND, server.accept()).await.is_err());
    assert_eq!(socket.watch().problem().expect("refused").kind(), ErrorKind::Auth);
    socket.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn an_external_signer_stands_in_and_its_failure_sends_nothing() {
    let sign_with = |signer| Bench::with(Credentials::external(Secret::new(API_KEY), Arc::new(signer)).expect("good"));
    let bench = sign_with(Slow(SECOND, false));
    let (_server, socket, mut peer) = connected(&bench).await;
    let call = spawn(&socket, "a");
    let text = peer.text().await;
    let signature = text.rsplit(' ').next().expect("a signature");
    let payload = text.strip_suffix(signature).expect("the rest").trim_end();
    let mut expected = String::new();
    credentials().sign(payload.as_bytes()).await.expect("signed").append_to(&mut expected);
    assert_eq!(signature, expected);
    peer.send(&format!("{} 200 =a", id(&text))).await;
    call.await.expect("joined").expect("a reply");
    socket.close().await.expect("closed");
    for signer in [Slow(SECOND, true), Slow(3 * SECOND, false)] {
        let bench = sign_with(signer);
        let (_server, socket, peer) = connected(&bench).await;
        let failure = socket.command(&Place("a")).await.expect_err("not signed");
        assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::Auth));
        assert_eq!(bench.limits.usage()[1].used, 0, "given back");
        socket.close().await.expect("closed");
        peer.end().await;
    }
}
