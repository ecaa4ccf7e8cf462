//! Somebody who trades at a simulated exchange.

use serde_json::Value;

use super::{Run, Simulated, User};

/// Somebody with an account at a simulated exchange. Whatever the program says to them holds neither key nor secret.
pub(crate) struct Trader {
    pub(crate) simulated: Simulated,
    pub(crate) user: User,
}

impl Trader {
    /// At Binance spot, with these faults in force.
    pub(crate) fn new(faults: &str) -> Self {
        Self::at("binance-spot", faults)
    }

    /// At an exchange, with these faults in force.
    pub(crate) fn at(exchange: &str, faults: &str) -> Self {
        let simulated = match faults {
            "" => Simulated::of(exchange, &[]),
            faults => {
                let user = User::new();
                Simulated::of(exchange, &["--faults", &user.file("faults.json", faults, 0o600)])
            }
        };
        let user = User::new()
            .setting("TRADEWIRE_API_KEY", simulated.text("api_key"))
            .setting("TRADEWIRE_SECRET_KEY", simulated.text("secret_key"));
        Self { simulated, user }
    }

    /// The same person, without credentials.
    pub(crate) fn without_credentials(self) -> Self {
        Self { user: self.user.without_settings(), ..self }
    }

    /// The words with where the exchange is.
    pub(crate) fn words<'a>(&'a self, words: &'a str) -> Vec<&'a str> {
        let first = &self.simulated.first_line;
        let places = [("--rest", "rest"), ("--ws", "ws"), ("--ws-api", "ws_api"), ("--ws-private", "ws_private")];
        let places = places.into_iter().filter_map(|(option, field)| Some([option, first[field].as_str()?]));
        words.split_whitespace().chain(places.flatten()).collect()
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, words: &str) -> Run {
        let words = [&self.words(words)[..], &["--log", "trace"]].concat();
        let run = self.user.tradewire(&words);
        for secret in [self.simulated.text("api_key"), self.simulated.text("secret_key")] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "a secret is shown by {words:?}");
        }
        run
    }

    /// Runs what must succeed, and reads its lines of JSON.
    pub(crate) fn json(&self, words: &str) -> Vec<Value> {
        let run = self.run(&format!("{words} --json"));
        assert_eq!(run.status, Some(0), "{words}: {}", run.stderr);
        run.json()
    }
}

/// All lines of what went to standard error which are not logs.
pub(crate) fn all_told(run: &Run) -> Vec<&str> {
    run.stderr.lines().filter(|line| line.starts_with("tradewire: ")).collect()
}

/// The last line of what went to standard error, which is not a log.
pub(crate) fn told(run: &Run) -> &str {
    run.stderr.lines().last().expect("a line")
}
