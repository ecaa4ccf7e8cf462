//! A socket against a scripted server on loopback.

mod common;

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use common::account::Bench;
use common::socket::{Client, Command, Dialect, Peer, Seen, Server};
use futures_util::SinkExt;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_transport::{AUTH_RETRY, Opening, StreamLimits};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// A server, a client connected to it, and the server's end of the connection.
async fn connected() -> (Server, Client, Peer) {
    let server = Server::start().await;
    let mut client = Client::start(&server.url);
    let peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    (server, client, peer)
}

fn frame(text: &str) -> Seen {
    Seen::Frame(text.to_owned())
}

fn subscribed(topic: &str) -> Seen {
    Seen::Subscribed(topic.to_owned())
}

#[tokio::test(start_paused = true)]
async fn topics_are_asked_for_in_batches_and_acknowledged() {
    let (_server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a", "b", "c", "d"])).await;
    assert_eq!(peer.agree().await, "sub 1 a,b,c");
    assert_eq!(peer.agree().await, "sub 2 d");
    client.expect(&["a", "b", "c", "d"].map(subscribed)).await;
    peer.send("news").await;
    client.expect(&[frame("news")]).await;
    client.command(Command::Unsubscribe(vec!["b", "unheard of"])).await;
    assert_eq!(peer.agree().await, "unsub 3 b");
    client.command(Command::Resubscribe(vec!["c", "b"])).await;
    assert_eq!(peer.agree().await, "unsub 4 c");
    assert_eq!(peer.agree().await, "sub 5 c");
    client.expect(&[subscribed("c")]).await;
    client.handle.close().await.expect("closed");
    peer.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_topic_is_found_among_the_others() {
    let (_server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["good", "bad", "fine"])).await;
    assert_eq!(peer.text().await, "sub 1 good,bad,fine");
    peer.send("no 1").await;
    assert_eq!(peer.agree().await, "sub 2 good");
    assert_eq!(peer.text().await, "sub 3 bad");
    peer.send("no 3").await;
    assert_eq!(peer.agree().await, "sub 4 fine");
    client.expect(&[subscribed("good"), Seen::Refused("bad".into()), subscribed("fine")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_opened_again_with_the_topics_of_then() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a", "b"])).await;
    peer.agree().await;
    client.expect(&["a", "b"].map(subscribed)).await;
    let lost_at = Instant::now();
    drop(peer);
    assert!(matches!(client.next().await, Seen::Closed(_)));
    client.command(Command::Unsubscribe(vec!["a"])).await;
    client.command(Command::Subscribe(vec!["c"])).await;
    let mut peer = server.accept().await;
    let pause = lost_at.elapsed();
    assert!(pause >= SECOND / 4 && pause <= SECOND / 2, "{pause:?}");
    assert_eq!(peer.agree().await, "sub 2 b,c");
    client.expect(&[Seen::Opened(Opening::New), subscribed("b"), subscribed("c")]).await;
    client.command(Command::Reconnect).await;
    assert_eq!(client.next().await, Seen::Closed("cannot decode: asked for".into()));
    let mut peer = server.accept().await;
    assert_eq!(peer.agree().await, "sub 3 b,c");
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn refused_connections_are_tried_again_with_doubling_pauses() {
    let server = Server::start().await;
    let url = server.url.clone();
    drop(server);
    let mut client = Client::start(&url);
    let mut last = Instant::now();
    for attempt in 0..12 {
        let Seen::Unreachable(pause) = client.next().await else { panic!("nobody is there") };
        let most = (500 << attempt).min(30_000);
        assert!((most / 2..=most).contains(&pause.as_millis()), "attempt {attempt}: {pause:?}");
        let now = Instant::now();
        if attempt > 0 {
            let waited = now - last;
            assert!(waited.as_millis() <= (500 << (attempt - 1)).min(30_000) + 1, "{waited:?}");
        }
        last = now;
    }
    let server = Server::start_at(url.trim_start_matches("ws://")).await;
    let peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    client.handle.close().await.expect("closed");
    peer.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_frozen_connection_is_replaced_within_half_a_minute() {
    let (server, mut client, mut peer) = connected().await;
    let frozen_at = Instant::now();
    assert_eq!(peer.message().await, Message::Ping(Bytes::new()));
    assert_eq!(frozen_at.elapsed().as_secs(), 20);
    // The peer does not read on, so that the ping is never answered.
    let Seen::Closed(reason) = client.next().await else { panic!("the connection was to be dropped") };
    assert!(reason.contains("silent for 30 s"), "{reason}");
    assert_eq!(frozen_at.elapsed().as_secs(), 30);
    let peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    client.handle.close().await.expect("closed");
    peer.end().await;
}

#[tokio::test(start_paused = true)]
async fn answered_pings_keep_a_quiet_connection() {
    let (_server, mut client, mut peer) = connected().await;
    let begun = Instant::now();
    for _ in 0..10 {
        // Reading a ping lets the peer's library answer it.
        assert_eq!(peer.message().await, Message::Ping(Bytes::new()));
        peer.0.flush().await.expect("the pong leaves");
    }
    assert_eq!(begun.elapsed().as_secs(), 200);
    peer.send("still here").await;
    client.expect(&[frame("still here")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn an_exchanges_own_ping_is_sent_at_every_interval_and_any_frame_answers_it() {
    let server = Server::start().await;
    let limits = StreamLimits { topics_per_request: 10, request_bytes_max: 1_000, frames_per_second: 5 };
    let mut client =
        Client::start_with(Dialect { url: server.url.clone(), limits, ping: Some("ping"), login: None, key: None });
    let mut peer = server.accept().await;
    let begun = Instant::now();
    for round in 1..=5 {
        assert_eq!(peer.text().await, "ping");
        assert_eq!(begun.elapsed().as_secs(), 20 * round);
        peer.send(if round % 2 == 0 { "pong" } else { "data" }).await;
    }
    client.expect(&[Seen::Opened(Opening::New), frame("data"), frame("data"), frame("data")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn server_pings_are_answered_at_once_with_their_payload() {
    let (_server, client, mut peer) = connected().await;
    let begun = Instant::now();
    for payload in ["", "1700000000000", "x"] {
        peer.0.send(Message::Ping(Bytes::from_static(payload.as_bytes()))).await.expect("sent");
        assert_eq!(peer.message().await, Message::Pong(Bytes::from_static(payload.as_bytes())));
    }
    assert!(begun.elapsed() < SECOND, "{:?}", begun.elapsed());
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn requests_keep_the_pace_whatever_the_number_of_topics() {
    let server = Server::start().await;
    let mut client = Client::start(&server.url);
    let topics: Vec<_> = (0..500).map(|number| format!("topic{number}")).collect();
    client.command(Command::SubscribeMany(topics.clone())).await;
    let mut peer = server.accept().await;
    let mut times = Vec::new();
    let mut asked = Vec::new();
    while asked.len() < topics.len() {
        let request = peer.agree().await;
        times.push(Instant::now());
        let names = request.rsplit(' ').next().expect("topics");
        asked.extend(names.split(',').map(str::to_owned));
    }
    assert_eq!(asked, topics);
    for window in times.windows(5) {
        assert!(window[4] - window[0] >= SECOND, "five frames in {:?}", window[4] - window[0]);
    }
    client.expect(&[Seen::Opened(Opening::New)]).await;
    for topic in &topics {
        client.expect(&[subscribed(topic)]).await;
    }
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_ends_the_connection() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a"])).await;
    assert_eq!(peer.text().await, "sub 1 a");
    let asked_at = Instant::now();
    assert!(matches!(client.next().await, Seen::Closed(_)));
    assert_eq!(asked_at.elapsed().as_secs(), 10);
    let mut peer = server.accept().await;
    assert_eq!(peer.agree().await, "sub 2 a");
    client.handle.close().await.expect("closed");
}

/// Takes the connection that is to replace `old`, while `old` goes on; returns it once it is in charge.
async fn renewal(server: &Server, client: &mut Client, old: Peer) -> Peer {
    let mut old = old;
    let mut new = server.accept().await;
    old.send("1").await;
    client.expect(&[frame("1")]).await;
    assert!(new.agree().await.ends_with(" a,b"));
    for number in 2..=4 {
        new.send(&number.to_string()).await;
    }
    // The old one is behind, and must not be overtaken.
    for number in 2..=3 {
        old.send(&number.to_string()).await;
        client.expect(&[frame(&number.to_string())]).await;
    }
    client.expect(&[Seen::Opened(Opening::Renewal)]).await;
    client.expect(&["2", "3", "4"].map(frame)).await;
    old.end().await;
    new.send("5").await;
    client.expect(&[frame("5")]).await;
    new
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_is_renewed_without_a_gap() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a", "b"])).await;
    peer.agree().await;
    client.expect(&["a", "b"].map(subscribed)).await;
    let begun = Instant::now();
    let keep_talking = async {
        loop {
            peer.message().await;
            peer.0.flush().await.expect("the pong leaves");
        }
    };
    tokio::select! {
        () = keep_talking => {}
        new = server.accept() => {
            let age = begun.elapsed();
            assert!(age + HOUR / 4 >= 23 * HOUR && age <= 23 * HOUR + HOUR / 4, "{age:?}");
            drop(new);
        }
    }
    // That attempt failed; the next follows, and the old connection is still in charge.
    assert!(matches!(client.next().await, Seen::Unreachable(_)));
    renewal(&server, &mut client, peer).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_notice_brings_the_renewal_forward() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a", "b"])).await;
    peer.agree().await;
    client.expect(&["a", "b"].map(subscribed)).await;
    let begun = Instant::now();
    peer.send("bye").await;
    renewal(&server, &mut client, peer).await;
    assert!(begun.elapsed() < 3 * SECOND, "{:?}", begun.elapsed());
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_successor_takes_over_when_the_exchange_closes_first() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a", "b"])).await;
    peer.agree().await;
    client.expect(&["a", "b"].map(subscribed)).await;
    peer.send("bye").await;
    let mut new = server.accept().await;
    new.agree().await;
    new.send("first").await;
    // The notice is followed by an early end.
    tokio::time::sleep(SECOND).await;
    drop(peer);
    client.expect(&[Seen::Opened(Opening::Renewal), frame("first")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_topic_added_during_a_renewal_is_told_once() {
    let (server, mut client, mut peer) = connected().await;
    client.command(Command::Subscribe(vec!["a"])).await;
    peer.agree().await;
    client.expect(&[subscribed("a")]).await;
    peer.send("bye").await;
    let mut new = server.accept().await;
    new.agree().await;
    client.command(Command::Subscribe(vec!["b"])).await;
    assert!(new.agree().await.ends_with(" b"));
    assert!(peer.text().await.ends_with(" b"));
    // The old connection ends before it has answered.
    tokio::time::sleep(SECOND).await;
    drop(peer);
    client.expect(&[Seen::Opened(Opening::Renewal), subscribed("b")]).await;
    client.command(Command::Reconnect).await;
    assert!(matches!(client.next().await, Seen::Closed(_)));
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_a_successor_is_ready_ends_both_connections() {
    let (server, mut client, mut peer) = connected().await;
    peer.send("bye").await;
    let new = server.accept().await;
    peer.send("panic").await;
    assert!(matches!(client.next().await, Seen::Closed(_)));
    new.end().await;
    peer.end().await;
    let mut peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    peer.send("fine").await;
    client.expect(&[frame("fine")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_handler_costs_one_connection() {
    let (server, mut client, mut peer) = connected().await;
    peer.send("panic").await;
    let Seen::Closed(reason) = client.next().await else { panic!("the connection was to be dropped") };
    assert!(reason.contains("the decoder's own fault") && reason.contains("frame \"panic\""), "{reason}");
    let mut peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    client.command(Command::Panic).await;
    assert!(matches!(client.next().await, Seen::Closed(_)));
    drop(peer);
    peer = server.accept().await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    peer.send("fine").await;
    client.expect(&[frame("fine")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn the_handlers_deadline_is_kept() {
    let (_server, mut client, _peer) = connected().await;
    let at = Instant::now() + 3 * SECOND;
    client.command(Command::TickAt(at)).await;
    client.expect(&[Seen::Tick]).await;
    assert_eq!(at.elapsed().as_millis(), 0);
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn closing_and_dropping_end_task_and_connection() {
    let (_server, client, peer) = connected().await;
    client.handle.close().await.expect("joined");
    peer.end().await;
    let (_server, mut client, peer) = connected().await;
    drop(client.handle);
    assert_eq!(client.seen.recv().await, None, "the task has ended and dropped its handler");
    peer.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_address_is_refused_at_once() {
    let started = std::panic::catch_unwind(|| Client::start("http://127.0.0.1"));
    assert!(started.is_err(), "a socket needs ws or wss");
}

fn with_login(server: &Server, bench: &Bench) -> Client {
    let limits = StreamLimits { topics_per_request: 3, request_bytes_max: 4_096, frames_per_second: 5 };
    Client::start_with(Dialect { url: server.url.clone(), limits, ping: None, login: Some(bench.login()), key: None })
}

/// Takes a login and answers it. Returns it.
async fn answer_login(peer: &mut Peer, answer: &str) -> String {
    let login = peer.text().await;
    assert!(login.starts_with("login 0 "), "{login}");
    peer.send(answer).await;
    login
}

#[tokio::test(start_paused = true)]
async fn every_connection_logs_in_before_topics_are_asked_for() {
    let (server, bench) = (Server::start().await, Bench::new());
    let mut client = with_login(&server, &bench);
    client.command(Command::Subscribe(vec!["a"])).await;
    let mut peer = server.accept().await;
    let first = peer.text().await;
    peer.send("early").await;
    peer.send("ok 0").await;
    assert_eq!(peer.agree().await, "sub 1 a");
    client.expect(&[Seen::Opened(Opening::New), frame("early"), subscribed("a")]).await;
    drop(peer);
    let mut peer = server.accept().await;
    assert_ne!(answer_login(&mut peer, "ok 0").await, first, "signed anew");
    assert_eq!(peer.agree().await, "sub 2 a");
    let seen = [client.next().await, client.next().await, client.next().await];
    assert!(matches!(seen[0], Seen::Closed(_)));
    assert_eq!(seen[1..], [Seen::Opened(Opening::New), subscribed("a")]);
    peer.send("bye").await;
    let mut successor = server.accept().await;
    peer.send("still here").await;
    client.expect(&[frame("still here")]).await;
    answer_login(&mut successor, "ok 0").await;
    assert_eq!(successor.agree().await, "sub 3 a");
    successor.send("new").await;
    client.expect(&[Seen::Opened(Opening::Renewal), frame("new")]).await;
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_login_refused_for_the_clock_is_repeated_once_and_one_for_the_key_waits() {
    let (server, bench) = (Server::start().await, Bench::new());
    let mut client = with_login(&server, &bench);
    let mut peer = server.accept().await;
    answer_login(&mut peer, "late").await;
    answer_login(&mut peer, "ok 0").await;
    assert_eq!(bench.time.asked.load(Ordering::SeqCst), 2, "before the first login, and after the refusal");
    client.expect(&[Seen::Opened(Opening::New)]).await;
    drop(peer);
    assert!(matches!(client.next().await, Seen::Closed(_)));
    let mut peer = server.accept().await;
    answer_login(&mut peer, "denied").await;
    client.expect(&[Seen::Unreachable(AUTH_RETRY)]).await;
    client.command(Command::Reconnect).await;
    let mut peer = server.accept().await;
    answer_login(&mut peer, "late").await;
    answer_login(&mut peer, "late").await;
    let Seen::Unreachable(pause) = client.next().await else { panic!("refused twice") };
    assert!(pause <= SECOND, "as after any failure: {pause:?}");
    client.handle.close().await.expect("closed");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_never_worked_is_tried_again_when_asked_only() {
    let (server, bench) = (Server::start().await, Bench::new());
    let mut client = with_login(&server, &bench);
    let mut peer = server.accept().await;
    answer_login(&mut peer, "denied").await;
    let Seen::Unreachable(pause) = client.next().await else { panic!("refused") };
    assert!(pause > 365 * 24 * HOUR, "{pause:?}");
    assert!(tokio::time::timeout(24 * HOUR, server.accept()).await.is_err());
    client.command(Command::Reconnect).await;
    answer_login(&mut server.accept().await, "ok 0").await;
    client.expect(&[Seen::Opened(Opening::New)]).await;
    client.handle.close().await.expect("closed");
}
