//! Where the service is reached.

use http::Uri;

use super::ConfigError;

/// Scheme, host and port; no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(String);

impl Endpoint {
    /// The public endpoint of an instance: `{instance}.{region}.ots.aliyuncs.com`.
    pub(crate) fn of(instance: &str, region: &str) -> Self {
        Self(format!("https://{instance}.{region}.ots.aliyuncs.com"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of an operation.
    pub(crate) fn url(&self, operation: &str) -> String {
        format!("{}/{operation}", self.0)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let invalid =
            |why: &'static str| ConfigError::Endpoint { endpoint: text.chars().take(200).collect(), why };
        let uri: Uri = text.parse().map_err(|_| invalid("not an address"))?;
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("http" | "https")) => scheme,
            _ => return Err(invalid("neither http:// nor https://")),
        };
        let authority = uri.authority().ok_or_else(|| invalid("no host"))?;
        if authority.host().is_empty() {
            return Err(invalid("no host"));
        }
        if authority.as_str().contains('@') {
            return Err(invalid("it carries a user name or password"));
        }
        // The parser takes a port as text only.
        let port = &authority.as_str()[authority.host().len()..];
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(invalid("not a port"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(invalid("there is something behind the host"));
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_service_and_of_test_servers_are_taken() {
        for (text, url) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/GetRow"),
            ("http://[::1]:8080/", "http://[::1]:8080/GetRow"),
            ("https://a.cn-hangzhou.ots.aliyuncs.com", "https://a.cn-hangzhou.ots.aliyuncs.com/GetRow"),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().url("GetRow"), url);
        }
        assert_eq!(Endpoint::of("a", "b").as_str(), "https://a.b.ots.aliyuncs.com");
    }

    #[test]
    fn odd_endpoints_are_refused_and_never_a_panic() {
        for text in [
            "",
            "a.ots.aliyuncs.com",
            "a.ots.aliyuncs.com:443",
            "ftp://a",
            "http://",
            "http://:80",
            "http:///x",
            "https://u:p@a",
            "https://a/path",
            "https://a?query",
            "https://a:99999",
            "https://a:0",
            "https://a:x",
            "https://a b",
            "https://\u{e9}",
            "/",
            "*",
        ] {
            assert!(Endpoint::parse(text).is_err(), "{text:?}");
        }
    }
}
