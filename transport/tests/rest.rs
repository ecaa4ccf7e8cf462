//! REST requests against a scripted server on loopback.

mod common;

use std::time::Duration;

use common::http::{Act, READ, Read, Reply, Server, client, reply};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tradewire_core::ErrorKind;
use tradewire_transport::{Class, Patience, Unit};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_request_goes_out_encoded_once_and_its_answer_is_decoded() {
    let server = Server::start(|_, _| reply(200, "", "=fine")).await;
    let read = Read { text: "１ ['a']&b=c", ..READ };
    assert_eq!(client(&server.url).send(&read).await.expect("an answer"), "fine");
    assert_eq!(
        server.requests(),
        ["GET /v1/read?text=%EF%BC%91%20%5B%27a%27%5D%26b%3Dc HTTP/1.1"],
        "byte for byte as built"
    );
}

#[tokio::test(start_paused = true)]
async fn reads_are_repeated_after_5xx_and_never_after_4xx() {
    let server = Server::start(|number, _| match number {
        0 | 1 => reply(500, "", "oops"),
        _ => reply(200, "", "=late"),
    })
    .await;
    assert_eq!(client(&server.url).send(&READ).await.expect("an answer"), "late");
    let times = server.times();
    let pauses = [times[1] - times[0], times[2] - times[1]];
    assert!((400..=600).contains(&pauses[0].as_millis()), "{pauses:?}");
    assert!((800..=1_200).contains(&pauses[1].as_millis()), "{pauses:?}");

    let server = Server::start(|_, _| reply(503, "", "down")).await;
    let error = client(&server.url).send(&READ).await.expect_err("down");
    assert_eq!((error.kind(), error.status(), server.requests().len()), (ErrorKind::Unavailable, Some(503), 3));
    assert_eq!(error.context("endpoint"), Some("GET /v1/read"));

    let server = Server::start(|_, _| reply(400, "", "!-1121")).await;
    let error = client(&server.url).send(&READ).await.expect_err("refused");
    assert_eq!((error.kind(), error.code(), server.requests().len()), (ErrorKind::Exchange, Some(-1121), 1));
}

#[tokio::test(start_paused = true)]
async fn commands_are_sent_once_whatever_happens() {
    for script in [|| reply(500, "", ""), || Reply::Cut(String::new()), || Reply::Silence] {
        let server = Server::start(move |_, _| script()).await;
        let error = client(&server.url).send(&Act).await.expect_err("no answer");
        assert_eq!(server.requests().len(), 1, "{error}");
        assert_eq!(error.context("sent"), None, "nothing proves that it was not sent: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn cut_truncated_and_silent_answers_to_reads_are_asked_for_again() {
    let server = Server::start(|number, _| match number {
        0 => Reply::Cut("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n=half".into()),
        1 => Reply::Silence,
        _ => reply(200, "", "=whole"),
    })
    .await;
    let begun = Instant::now();
    assert_eq!(client(&server.url).send(&READ).await.expect("an answer"), "whole");
    assert!(begun.elapsed() > 10 * SECOND && begun.elapsed() < 13 * SECOND, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn errors_in_good_and_in_bad_answers() {
    let server = Server::start(|number, _| match number {
        0 => reply(200, "", "!7"),
        1 => reply(200, "", "garbage"),
        _ => reply(302, "location: http://127.0.0.1:1/\r\n", ""),
    })
    .await;
    let client = client(&server.url);
    let error = client.send(&READ).await.expect_err("an error in a good answer");
    assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Exchange, Some(7), Some(200)));
    let error = client.send(&READ).await.expect_err("not readable");
    assert_eq!((error.kind(), error.frame()), (ErrorKind::Decode, Some(&b"garbage"[..])));
    let error = client.send(&READ).await.expect_err("not followed");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Exchange, Some(302)));
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_one_clear_error() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let url = format!("http://{nobody}");
    let error = client(&url).send(&Act).await.expect_err("nobody there");
    assert_eq!(error.kind(), ErrorKind::Connection);
    let host = url.trim_start_matches("http://");
    assert!(error.message().contains(host) && error.message().contains("refused"), "{error}");
    assert_eq!(error.context("sent"), Some("no"));
}

#[tokio::test(start_paused = true)]
async fn after_429_nothing_leaves_until_the_time_given() {
    let server = Server::start(|number, _| match number {
        0 => reply(429, "retry-after: 7\r\n", "!-1003"),
        _ => reply(200, "", "=on"),
    })
    .await;
    let client = client(&server.url);
    let begun = Instant::now();
    let error = client.send(&READ).await.expect_err("refused");
    assert_eq!((error.status(), error.code()), (Some(429), Some(-1003)));
    assert_eq!(error.retry_at().map(|at| at.as_millis()), Some(1_700_000_048_000));
    let error = client.send(&Act).await.expect_err("commands fail rather than wait");
    assert_eq!((error.kind(), error.context("sent")), (ErrorKind::RateLimited, Some("no")));
    client.send(&READ).await.expect("reads wait, then go on");
    assert_eq!(server.requests().len(), 2);
    let waited = server.times()[1] - begun;
    assert!(waited >= 7 * SECOND && waited < 8 * SECOND, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ban_stops_everything_for_two_minutes_by_default() {
    let server = Server::start(|number, _| match number {
        0 => reply(418, "", "banned"),
        _ => reply(200, "", "=on"),
    })
    .await;
    let client = client(&server.url);
    let begun = Instant::now();
    let error = client.send(&READ).await.expect_err("banned");
    assert_eq!((error.kind(), error.retry_at().is_some()), (ErrorKind::Banned, true));
    let error = client.send(&Act).await.expect_err("banned");
    assert_eq!((error.kind(), error.context("sent")), (ErrorKind::RateLimited, Some("no")));
    let error = client.send(&READ).await.expect_err("a caller does not wait for two minutes");
    assert_eq!((error.kind(), error.retry_at().is_some()), (ErrorKind::Banned, true));
    assert_eq!(begun.elapsed().as_secs(), 10);
    client.send_timed(&READ, Patience::Endless).await.expect("work in the background does");
    assert_eq!((server.times()[1] - begun).as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_the_window_and_obey_the_exchanges_count() {
    let server = Server::start(|number, _| match number {
        0 => reply(200, "x-used: 80\r\n", "=others were here"),
        _ => reply(200, "", "="),
    })
    .await;
    let client = client(&server.url);
    let begun = Instant::now();
    client.send(&READ).await.expect("an answer");
    assert_eq!(client.limits().usage()[0].used, 80);
    let read = Read { weight: 6, class: Class::Snapshot, ..READ };
    let error = client.send(&read).await.expect_err("95 % less the reserve of 10 % are 85");
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::RateLimited, 10));
    let timed = client.send_timed(&read, Patience::Endless).await.expect("an answer");
    assert_eq!(timed.sent.as_millis() - 1_700_000_040_000, 60_020, "the window has turned");
    let weight = client.limits().usage()[0];
    assert_eq!((weight.spec.unit, weight.used), (Unit::Weight, 6));
}
