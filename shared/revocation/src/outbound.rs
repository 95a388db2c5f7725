//! Going out to addresses that somebody wrote down: by TLS, to public addresses, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;

/// The most of an answer that is read, in bytes: more than any chat system says.
const ANSWER_MAX: usize = 64 * 1024;

/// Why nothing is sent to an address. The address itself is not in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    /// Another form.
    #[error("an address is https://HOST/…, without a name and password in it")]
    Form,
    /// No TLS, and not where that is allowed.
    #[error("it is not https, and its origin is not in notify.private_hosts")]
    Plain,
    /// Nothing is known by the name.
    #[error("its host has no address")]
    Nowhere,
    /// Inside a network, where it could ask for what only we may ask for.
    #[error("its host lies in a private network, and is not in notify.private_hosts")]
    Private,
}

/// Where something may be sent.
pub(crate) struct Destination {
    pub(crate) url: Url,
    /// The addresses that were looked at: nobody looks them up once more and finds others.
    pinned: Option<(String, Vec<SocketAddr>)>,
}

/// The address, and whether its host was allowed by name.
///
/// # Errors
/// Why nothing is ever sent there.
pub(crate) fn written_well(address: &str, private_hosts: &[String]) -> Result<(Url, bool), Forbidden> {
    let url: Url = address.parse().map_err(|_| Forbidden::Form)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Forbidden::Form)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Forbidden::Form);
    }
    let listed = |entry: &str| private_hosts.iter().any(|known| known == entry);
    match url.scheme() {
        "https" => {
            let is_listed = listed(host);
            Ok((url, is_listed))
        }
        "http" if listed(&url.origin().ascii_serialization()) => Ok((url, true)),
        "http" => Err(Forbidden::Plain),
        _ => Err(Forbidden::Form),
    }
}

/// The address, looked up, if something may be sent there.
///
/// # Errors
/// Why not.
pub(crate) async fn destination(address: &str, private_hosts: &[String]) -> Result<Destination, Forbidden> {
    let (url, is_listed) = written_well(address, private_hosts)?;
    if is_listed {
        return Ok(Destination { url, pinned: None });
    }
    let host = url.host_str().ok_or(Forbidden::Form)?.to_owned();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if let Ok(address) = literal {
        let public = is_public(address);
        return if public { Ok(Destination { url, pinned: None }) } else { Err(Forbidden::Private) };
    }
    let port = url.port_or_known_default().ok_or(Forbidden::Form)?;
    let found = tokio::net::lookup_host((host.as_str(), port)).await.map_err(|_| Forbidden::Nowhere)?;
    let addresses: Vec<SocketAddr> = found.collect();
    if addresses.is_empty() {
        return Err(Forbidden::Nowhere);
    }
    if !addresses.iter().all(|address| is_public(address.ip())) {
        return Err(Forbidden::Private);
    }
    Ok(Destination { url, pinned: Some((host, addresses)) })
}

impl Destination {
    /// Opens a connection, and closes it before anything is said.
    ///
    /// # Errors
    /// The host has no address, or nobody accepts connections there.
    pub(crate) async fn connect(&self) -> std::io::Result<()> {
        if let Some((_, addresses)) = &self.pinned {
            return tokio::net::TcpStream::connect(addresses.as_slice()).await.map(drop);
        }
        let host = self.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = self.url.port_or_known_default().unwrap_or_default();
        tokio::net::TcpStream::connect((host, port)).await.map(drop)
    }

    /// A client that goes there and nowhere else.
    pub(crate) fn client(&self) -> Option<reqwest::Client> {
        let builder = alibaba_cloud::http_builder().ok()?;
        match &self.pinned {
            Some((host, addresses)) => builder.resolve_to_addrs(host, addresses),
            None => builder,
        }
        .build()
        .ok()
    }
}

/// What came back, as far as anybody has to read it.
pub(crate) async fn read(mut response: reqwest::Response) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        read.extend_from_slice(&chunk);
        if read.len() > ANSWER_MAX {
            break;
        }
    }
    read
}

/// Whether the address is one of the internet's, by the registries of special addresses (RFC 6890 and the IANA tables
/// behind it). The metadata service of the cloud, 100.100.100.200, lies in 100.64.0.0/10.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(matches!(a, 0 | 10 | 127 | 224..)
        || matches!((a, b), (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19))
        || matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is given out. What carries an IPv4 address inside is none of ours to unpack.
    let is_global = (0x2000..=0x3fff).contains(&a);
    is_global && !matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_told_from_all_others() {
        for public in ["8.8.8.8", "47.96.0.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "203.0.113.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    async fn refused(address: &str, private_hosts: &[&str]) -> Option<Forbidden> {
        let hosts: Vec<String> = private_hosts.iter().map(|host| (*host).to_owned()).collect();
        destination(address, &hosts).await.err()
    }

    #[tokio::test]
    async fn nothing_goes_into_a_private_network_unasked() {
        for address in [
            "https://127.0.0.1/x",
            "https://localhost/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://100.100.100.200/latest/meta-data",
            // Other ways to write 127.0.0.1, by the URL standard.
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://0177.0.0.1/x",
        ] {
            assert_eq!(refused(address, &[]).await, Some(Forbidden::Private), "{address}");
        }
        for (address, why) in [
            ("http://8.8.8.8/x", Forbidden::Plain),
            ("ftp://8.8.8.8/x", Forbidden::Form),
            ("https://user@8.8.8.8/x", Forbidden::Form),
            ("https://user:word@8.8.8.8/x", Forbidden::Form),
            ("file:///etc/passwd", Forbidden::Form),
            ("", Forbidden::Form),
        ] {
            assert_eq!(refused(address, &[]).await, Some(why), "{address}");
        }
        assert_eq!(refused("https://8.8.8.8/x", &[]).await, None);
    }

    #[tokio::test]
    async fn what_is_configured_may_be_private() {
        assert_eq!(refused("https://localhost/x", &["localhost"]).await, None);
        assert_eq!(refused("http://127.0.0.1:9/x", &["http://127.0.0.1:9"]).await, None);
        for other in ["http://127.0.0.1:10/x", "http://127.0.0.1/x", "http://127.0.0.1:9@127.0.0.1:10/x"] {
            assert!(refused(other, &["http://127.0.0.1:9"]).await.is_some(), "{other}");
        }
    }
}
