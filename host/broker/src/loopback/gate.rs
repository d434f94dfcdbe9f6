//! What the listener answers at all (RFC 8252 section 8.10; DNS rebinding).

use hyper::header::HOST;
use hyper::{Method, Request, StatusCode, Version};

/// The only addresses that are served, exactly as the host wrote them.
#[derive(Debug)]
pub(super) struct Gate {
    authority: String,
    callback: String,
    done: String,
}

/// Where a request is let through to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door<'a> {
    /// The redirect URI, with its query.
    Callback(&'a str),
    /// The page to which the browser was moved.
    Done,
    /// None.
    Closed(StatusCode),
}

impl Gate {
    pub(super) fn new(authority: &str, path: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            callback: path.to_owned(),
            done: format!("{}/done", path.trim_end_matches('/')),
        }
    }

    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority, self.callback)
    }

    /// The path of the page without the code.
    pub(super) fn done(&self) -> &str {
        &self.done
    }

    pub(super) fn open<'a, B>(&self, request: &'a Request<B>) -> Door<'a> {
        let target = request.uri();
        // An absolute target is what proxies get. No browser that follows our redirect URI sends one.
        if target.authority().is_some()
            || request.version() != Version::HTTP_11
            || !self.is_our_host(request)
        {
            return Door::Closed(StatusCode::BAD_REQUEST);
        }
        if target.path() != self.callback && target.path() != self.done {
            return Door::Closed(StatusCode::NOT_FOUND);
        }
        if request.method() != Method::GET {
            return Door::Closed(StatusCode::METHOD_NOT_ALLOWED);
        }
        if target.path() == self.callback {
            return Door::Callback(target.query().unwrap_or_default());
        }
        Door::Done
    }

    /// A name that was rebound to 127.0.0.1 still stands in `Host`.
    fn is_our_host<B>(&self, request: &Request<B>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.as_bytes() == self.authority.as_bytes(),
            _ => false,
        }
    }
}
