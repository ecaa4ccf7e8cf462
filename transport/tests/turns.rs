//! Signed requests of an exchange that refuses a nonce below one that it has seen: they take turns.

mod common;

use std::time::Duration;

use common::account::{Bench, Place};
use common::http::{Dialect, Reply, Server, reply};
use futures_util::future::join;
use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, HeaderName, ProxyChoice, RestClient, RestConfig, Signature, Unsigned, Verdict,
};

/// Signs a nonce.
#[derive(Debug)]
struct Counted;

impl AuthDialect for Counted {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("x-key")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        draft.query = format!("n={}", request.stamp.nonce);
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        draft.query.push_str("&s=");
        signature.append_encoded_to(&mut draft.query);
    }

    fn outcome(&self, _: &Error) -> Verdict {
        Verdict::Unknown
    }

    fn takes_turns(&self) -> bool {
        true
    }
}

fn client(bench: &Bench, url: &str) -> RestClient {
    let config = RestConfig { proxy: ProxyChoice::Direct, ..RestConfig::new("test", url) };
    let public = RestClient::new(&config, Dialect, bench.limits.clone(), bench.clock.local()).expect("a client");
    public.signed(bench.session.clone(), bench.limits.clone(), Counted)
}

fn nonces(server: &Server) -> Vec<u64> {
    let nonce = |line: &String| line.split(['=', '&']).nth(1).and_then(|text| text.parse().ok()).expect("a nonce");
    server.requests().iter().map(nonce).collect()
}

#[tokio::test(start_paused = true)]
async fn none_overtakes_another_and_one_without_an_answer_holds_up_the_next_for_a_moment_only() {
    let server = Server::start(|number, _| if number == 0 { Reply::Silence } else { reply(200, "", "=done") }).await;
    let bench = Bench::new();
    let rest = client(&bench, &server.url);
    let (place, other) = (Place("a"), Place("b"));
    let second = async {
        let answer = rest.command(&other).await;
        (answer, server.times())
    };
    let (first, (second, times)) = join(rest.command(&place), second).await;
    assert!(first.is_err(), "nobody knows what became of it");
    assert_eq!(second.expect("an answer"), "done");
    assert!(times[1] - times[0] >= Duration::from_millis(500), "{times:?}");
    assert!(nonces(&server).is_sorted_by(|before, after| before < after));
}
