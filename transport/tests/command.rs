//! Signed requests and the outcomes of commands, against a scripted server on loopback.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::account::{API_KEY, Bench, Place, SECRET, START, Slow, credentials};
use common::http::{Reply, Server, reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, Timestamp};
use tradewire_transport::{
    Applicant, Class, Cost, Credentials, Effect, Endpoint, Method, Outcome, Query, Refusal, RefusalKind,
    RenderedRequest, Secret, Security, Unit,
};

const SECOND: Duration = Duration::from_secs(1);

/// The signature of a payload by the key of the tests.
async fn signature(payload: &str) -> String {
    let mut text = String::new();
    credentials().sign(payload.as_bytes()).await.expect("signed").append_to(&mut text);
    text
}

/// The query of the first line of a request.
fn query(line: &str) -> &str {
    line.split(['?', ' ']).nth(2).expect("a query")
}

#[tokio::test(start_paused = true)]
async fn a_signed_request_goes_out_as_it_was_signed() {
    let server = Server::start(|_, head| {
        assert!(head.contains(&format!("x-key: {API_KEY}\r\n")), "{head}");
        reply(200, "", "=done")
    })
    .await;
    let bench = Bench::new();
    let rest = bench.rest(&server.url);
    let place = Place("１ &=%");
    assert_eq!(rest.command(&place).await.expect("an answer"), "done");
    let signed = format!("id=%EF%BC%91%20%26%3D%25&t={START}");
    let expected = format!("{signed}&s={}", signature(&format!("{signed}{API_KEY}")).await);
    assert_eq!(query(&server.requests()[0]), expected);
    let RenderedRequest::Rest { method, url, headers, body } =
        rest.render(&place, Some(Timestamp::from_millis(START))).await.expect("rendered")
    else {
        panic!("a REST request")
    };
    assert_eq!((method.as_str(), url, body.as_str()), ("POST", format!("{}/v1/order?{expected}", server.url), ""));
    assert_eq!(headers, [("x-key".to_owned(), API_KEY.to_owned())]);
    assert_eq!(server.requests().len(), 1, "rendering sends nothing");
}

/// An endpoint whose arguments go into the body.
struct InBody;

/// An endpoint that wants the key alone.
struct KeyAlone;

macro_rules! endpoint {
    ($name:ident, $method:ident, $security:ident, $effect:ident) => {
        impl Endpoint for $name {
            type Response = ();
            const METHOD: Method = Method::$method;
            const PATH: &'static str = "/v1/other";
            const SECURITY: Security = Security::$security;
            const EFFECT: Effect = Effect::$effect;

            fn class(&self) -> Class {
                Class::AccountRead
            }

            fn cost(&self) -> Cost {
                Cost::weight(1)
            }

            fn query(&self, query: &mut Query) {
                query.add("a", "b c");
            }

            fn decode(&self, _: &[u8]) -> Result<(), Error> {
                Ok(())
            }
        }
    };
}

endpoint!(InBody, PUT, Signed, Command);
endpoint!(KeyAlone, GET, Key, Read);

#[tokio::test(start_paused = true)]
async fn bodies_are_signed_with_the_query_and_keys_go_alone_where_no_more_is_wanted() {
    let bench = Bench::new();
    let rest = bench.rest("http://127.0.0.1:1");
    let at = Some(Timestamp::from_millis(START));
    let rendered = rest.render(&InBody, at).await.expect("rendered");
    let RenderedRequest::Rest { url, headers, body, .. } = rendered else { panic!("a REST request") };
    let signed = format!("a=b%20c&t={START}");
    assert_eq!(url, "http://127.0.0.1:1/v1/other?in=body");
    assert_eq!(body, format!("{signed}&s={}", signature(&format!("in=body{signed}")).await));
    assert!(headers.contains(&("x-path".to_owned(), "/v1/other".to_owned())));
    let RenderedRequest::Rest { url, headers, body, .. } = rest.render(&KeyAlone, at).await.expect("rendered") else {
        panic!("a REST request")
    };
    assert_eq!((url.as_str(), body.as_str()), ("http://127.0.0.1:1/v1/other?a=b%20c", ""));
    assert_eq!(headers, [("x-key".to_owned(), API_KEY.to_owned())]);
    let server = Server::start(|_, _| reply(200, "", "")).await;
    let public = common::http::client(&server.url);
    let failure = public.command(&InBody).await.expect_err("no credentials");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::Config));
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_signature_is_taken_after_the_wait() {
    let server = Server::start(|_, _| reply(200, "", "=")).await;
    let bench = Bench::new();
    let held = bench.limits.acquire(Applicant::read(Cost::weight(85), Class::MarketRead)).await.expect("a turn");
    let rest = bench.rest(&server.url);
    let command = tokio::spawn(async move { rest.command(&Place("a")).await });
    tokio::time::sleep(SECOND * 3 / 2).await;
    held.unsent();
    command.await.expect("joined").expect("an answer");
    assert!(server.requests()[0].contains(&format!("t={}", START + 1_500)), "{:?}", server.requests());
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_proves() {
    for (status, body, outcome) in [
        (400, "!-2010", Outcome::Rejected),
        (401, "!-2015", Outcome::Rejected),
        (400, "!-1007", Outcome::Unknown),
        (408, "!-1000", Outcome::Unknown),
        (503, "!-1008", Outcome::Unknown),
        (502, "bad gateway", Outcome::Unknown),
        (403, "<html>", Outcome::Unknown),
        (429, "slow down", Outcome::Rejected),
        (418, "banned", Outcome::Rejected),
        (200, "", Outcome::Unknown),
        (200, "not as documented", Outcome::Unknown),
        (302, "elsewhere", Outcome::Unknown),
    ] {
        let server = Server::start(move |_, _| reply(status, "", body)).await;
        let bench = Bench::new();
        let failure = bench.rest(&server.url).command(&Place("a")).await.expect_err(body);
        assert_eq!((failure.outcome, server.requests().len()), (outcome, 1), "{status} {body}");
        assert_eq!(failure.error.status(), Some(status));
        let whole = failure.body.as_deref().map(<[u8]>::to_vec);
        assert_eq!(whole, (status != 200).then(|| body.as_bytes().to_vec()), "{status} {body}");
        let [weight, orders] = bench.limits.usage()[..] else { panic!("two pools") };
        let charged = (u32::from(status != 200), u32::from(outcome == Outcome::Unknown));
        assert_eq!((weight.used, orders.used), charged, "{status} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_whole_answer_nothing_is_known() {
    for script in [
        || Reply::Cut(String::new()),
        || Reply::Cut("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n=half".into()),
        || Reply::Silence,
    ] {
        let server = Server::start(move |_, _| script()).await;
        let begun = Instant::now();
        let failure = Bench::new().rest(&server.url).command(&Place("a")).await.expect_err("no answer");
        assert_eq!((failure.outcome, server.requests().len()), (Outcome::Unknown, 1));
        assert!([0, 30].contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        let id = ClientOrderId::from("a");
        assert!(matches!(failure.about(&id), CommandError::Unknown { client_order_id, .. } if client_order_id == id));
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_left_is_not_sent() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let bench = Bench::new();
    let no_name = "http://exchange.invalid".to_owned();
    for url in [format!("http://{nobody}"), format!("https://{nobody}"), no_name] {
        let failure = bench.rest(&url).command(&Place("a")).await.expect_err("nobody");
        assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::Connection), "{url}");
        assert_eq!(bench.limits.usage()[1].used, 0, "given back");
    }
    let _held = bench.limits.acquire(Applicant::read(Cost::weight(85), Class::MarketRead)).await.expect("a turn");
    let begun = Instant::now();
    let failure = bench.rest("http://127.0.0.1:1").command(&Place("a")).await.expect_err("no room");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::RateLimited));
    assert!(failure.error.retry_at().is_some());
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_was_closed_meanwhile_has_taken_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let rest = Bench::new().rest(&url);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        drop(listener);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_buf(&mut head).await.expect("read");
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n=").await.expect("written");
    });
    rest.command(&Place("a")).await.expect("an answer");
    server.await.expect("joined");
    tokio::time::sleep(SECOND).await;
    let failure = rest.command(&Place("b")).await.expect_err("gone");
    assert_eq!(failure.outcome, Outcome::NotSent, "{}", failure.error);
}

#[tokio::test(start_paused = true)]
async fn a_refused_clock_is_measured_again_and_the_request_sent_once_more() {
    let server = Server::start(|number, _| match number {
        0 => reply(400, "", "!-1021"),
        1 => reply(200, "", "=in time"),
        _ => reply(400, "", "!-1021"),
    })
    .await;
    let bench = Bench::new();
    bench.time.ahead.store(10_000, Ordering::SeqCst);
    let rest = bench.rest(&server.url);
    assert_eq!(rest.command(&Place("a")).await.expect("an answer"), "in time");
    assert!(server.requests()[1].contains(&format!("id=a&t={}", START + 10_000)), "{:?}", server.requests());
    let failure = rest.command(&Place("b")).await.expect_err("twice");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::Rejected, ErrorKind::Clock));
    assert_eq!((server.requests().len(), bench.time.asked.load(Ordering::SeqCst)), (4, 2));
}

#[tokio::test(start_paused = true)]
async fn orders_stop_for_their_account_and_everything_for_the_address() {
    let server = Server::start(|_, _| reply(200, "", "=")).await;
    let bench = Bench::new();
    let rest = bench.rest(&server.url);
    let too_many = Refusal { kind: RefusalKind::TooMany, unit: Some(Unit::Orders), pause: Some(7 * SECOND) };
    bench.limits.account("theirs").refused(too_many);
    rest.command(&Place("a")).await.expect("another account's orders");
    bench.limits.refused(too_many);
    let failure = rest.command(&Place("b")).await.expect_err("blocked");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::RateLimited));
    rest.send(&KeyAlone).await.expect("reads go on");
    bench.limits.account("theirs").refused(Refusal { kind: RefusalKind::Banned, unit: None, pause: Some(9 * SECOND) });
    let failure = rest.command(&InBody).await.expect_err("banned");
    assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::RateLimited));
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_fails_or_dawdles_sends_nothing() {
    for signer in [Slow(SECOND, true), Slow(3 * SECOND, false)] {
        let server = Server::start(|_, _| reply(200, "", "=")).await;
        let bench = Bench::with(Credentials::external(Secret::new(API_KEY), Arc::new(signer)).expect("credentials"));
        let failure = bench.rest(&server.url).command(&Place("a")).await.expect_err("not signed");
        assert_eq!((failure.outcome, failure.error.kind()), (Outcome::NotSent, ErrorKind::Auth));
        assert!(server.requests().is_empty());
        assert_eq!(bench.limits.usage()[1].used, 0, "given back");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_prints_a_secret() {
    let server = Server::start(|_, _| reply(400, "", "!-2010")).await;
    let bench = Bench::new();
    let rest = bench.rest(&server.url);
    let rendered = rest.render(&Place("a"), None).await.expect("rendered");
    let RenderedRequest::Rest { url, .. } = &rendered else { panic!("a REST request") };
    let signed = url.rsplit('=').next().expect("a signature").to_owned();
    let refused = rest.command(&Place("a")).await.expect_err("refused");
    let unreachable = bench.rest("http://127.0.0.1:1").command(&Place("a")).await.expect_err("nobody");
    let calls = bench.calls("ws://127.0.0.1:1");
    let shown = [
        format!("{bench:?}", bench = (&bench.session, &bench.limits, &bench.clock)),
        format!("{rest:?} {calls:?} {rendered:?}"),
        format!("{refused:?} {} {unreachable:?} {}", refused.error, unreachable.error),
        format!("{:?} {:?}", credentials(), credentials().sign(b"x").await),
        format!("{:?} {:?}", bench.login(), Secret::new(SECRET)),
    ];
    for text in shown {
        for secret in [SECRET, API_KEY, &signed] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    calls.close().await.expect("closed");
}
