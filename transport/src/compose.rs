use http::{HeaderName, HeaderValue};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::auth::Payload;
use crate::rest::{Account, Inner};
use crate::session::Measured;
use crate::{Draft, Endpoint, Method, Query, Security, Unsigned};

/// A request as it goes over the wire. Signed, it is a secret.
pub(crate) struct Composed {
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
    /// How often the exchange's clock had been measured, if the request is signed.
    pub(crate) measured: Option<Measured>,
}

impl Composed {
    pub(crate) fn into_builder(self, http: &reqwest::Client, method: Method) -> reqwest::RequestBuilder {
        let mut request = http.request(method, self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if self.body.is_empty() { request } else { request.body(self.body) }
    }
}

impl Inner {
    /// Writes a request, and signs it at the exchange's time of now, or at `at`.
    pub(crate) async fn compose<E: Endpoint>(&self, endpoint: &E, at: Option<Timestamp>) -> Result<Composed, Error> {
        let mut query = Query::default();
        endpoint.query(&mut query);
        let url = |query: &str| self.url(E::PATH, query);
        let unsigned = |headers| Composed { url: url(query.as_str()), headers, body: String::new(), measured: None };
        match E::SECURITY {
            Security::None => Ok(unsigned(Vec::new())),
            Security::Key => Ok(unsigned(vec![self.account()?.key_header()])),
            Security::Signed => {
                let account = self.account()?;
                let measured = Some(account.session.measured());
                let draft = account.sign(&E::METHOD, E::PATH, &query, at).await?;
                let mut headers = draft.headers;
                headers.push(account.key_header());
                Ok(Composed { url: url(&draft.query), headers, body: draft.body, measured })
            }
        }
    }

    /// The address of a path with a query.
    pub(crate) fn url(&self, path: &str, query: &str) -> String {
        let mark = if query.is_empty() { "" } else { "?" };
        [&self.base_url, path, mark, query].concat()
    }

    fn account(&self) -> Result<&Account, Error> {
        let none = || Error::new(ErrorKind::Config, "this request needs an API key, and there is none");
        self.account.as_ref().ok_or_else(none)
    }
}

impl Account {
    fn key_header(&self) -> (HeaderName, HeaderValue) {
        (self.dialect.key_header(), self.session.credentials().header())
    }

    async fn sign(&self, method: &Method, path: &str, query: &Query, at: Option<Timestamp>) -> Result<Draft, Error> {
        let mut draft = Draft::default();
        let stamp = self.session.stamp(at);
        self.dialect.draft(&Unsigned { method, path, query, stamp }, &mut draft)?;
        let joined;
        let payload = match &draft.payload {
            Payload::Text(text) => text.as_bytes(),
            Payload::Bytes(bytes) => bytes,
            Payload::QueryAndBody if draft.body.is_empty() => draft.query.as_bytes(),
            Payload::QueryAndBody => {
                joined = [draft.query.as_str(), &draft.body].concat();
                joined.as_bytes()
            }
        };
        let signature = self.session.credentials().sign(payload).await?;
        self.dialect.seal(&signature, &mut draft);
        Ok(draft)
    }
}
