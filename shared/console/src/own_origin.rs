//! Whether a request that changes something comes from one of our own pages. Browsers say where a form was sent from, and
//! no page can make them say otherwise.

use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origin of the request, if it is ours: the one that is configured, or that of the host which the browser names.
pub(crate) fn own_origin<'a>(headers: &'a HeaderMap, configured: Option<&str>) -> Option<&'a str> {
    if headers.contains_key(SEC_FETCH_SITE) && one(headers, SEC_FETCH_SITE)? != "same-origin" {
        return None;
    }
    let origin = one(headers, ORIGIN)?;
    let (scheme, host) = origin.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme))?;
    let is_own = match configured {
        Some(configured) => origin.eq_ignore_ascii_case(configured),
        None => !host.is_empty() && host.eq_ignore_ascii_case(one(headers, HOST)?),
    };
    // A scheme is all that is needed of it, and it is the browser's word.
    is_own.then_some(scheme)
}

/// A header that is there once.
fn one(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn ours_is_the_host_that_the_browser_names() {
        let own = [("origin", "https://reaper.example.com"), ("host", "reaper.example.com")];
        assert_eq!(own_origin(&headers(&own), None), Some("https"));
        let own = [
            ("origin", "http://127.0.0.1:8080"),
            ("host", "127.0.0.1:8080"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert_eq!(own_origin(&headers(&own), None), Some("http"));
    }

    #[test]
    fn behind_a_proxy_that_changes_the_host_it_is_configured() {
        let given = headers(&[("origin", "https://reaper.example.com"), ("host", "10.0.0.7:8080")]);
        assert_eq!(own_origin(&given, None), None);
        assert_eq!(own_origin(&given, Some("https://reaper.example.com")), Some("https"));
        assert_eq!(own_origin(&given, Some("http://reaper.example.com")), None);
    }

    #[test]
    fn everything_else_is_not_ours() {
        let host = ("host", "reaper.example.com");
        let cases: &[&[(&'static str, &'static str)]] = &[
            &[host],
            &[host, ("origin", "null")],
            &[host, ("origin", "")],
            &[host, ("origin", "reaper.example.com")],
            &[host, ("origin", "https://evil.example")],
            &[host, ("origin", "https://reaper.example.com.evil.example")],
            &[host, ("origin", "https://reaper.example.com:8443")],
            &[host, ("origin", "ftp://reaper.example.com")],
            &[host, ("origin", "https://reaper.example.com"), ("sec-fetch-site", "cross-site")],
            &[host, ("origin", "https://reaper.example.com"), ("sec-fetch-site", "same-site")],
            &[("origin", "https://reaper.example.com")],
            &[("origin", "https://"), ("host", "")],
        ];
        for case in cases {
            assert_eq!(own_origin(&headers(case), None), None, "{case:?}");
        }
    }
}
