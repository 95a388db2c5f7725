//! What both signatures share: percent-encoding, the canonical request and the hashes.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path keeps its slashes.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// A value, percent-encoded by RFC 3986: space becomes `%20`, `*` becomes `%2A`, `~` stays.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// A path, percent-encoded, its slashes kept.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, RESERVED_IN_PATH).to_string()
}

/// Parameters sorted by name and encoded; the same text is signed and sent. An empty value gives `name=`.
pub fn canonical_query<K: AsRef<str>, V: AsRef<str>>(query: &[(K, V)]) -> String {
    let mut pairs: Vec<(String, String)> =
        query.iter().map(|(name, value)| (encode(name.as_ref()), encode(value.as_ref()))).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The text that a signature is made over, and the list of the headers in it.
pub(crate) struct Canonical {
    pub(crate) text: String,
    pub(crate) signed_headers: String,
}

/// Builds the canonical request. `headers` are lower-case and sorted, and all of them are signed.
pub(crate) fn canonical_request(
    method: &str,
    path: &str,
    query: &str,
    headers: &[(&'static str, String)],
    body_hash: &str,
) -> Canonical {
    let path = if path.is_empty() { "/" } else { path };
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let signed_headers = names.join(";");
    let text = format!("{method}\n{path}\n{query}\n{lines}\n{signed_headers}\n{body_hash}");
    Canonical { text, signed_headers }
}

/// SHA-256, hexadecimal.
pub(crate) fn sha256_hex(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

/// HMAC-SHA256.
pub(crate) fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    // RFC 2104 takes keys of any length; the trait's error is for other algorithms.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(data);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_follows_rfc_3986() {
        assert_eq!(encode("a b*c~d/e'f+g"), "a%20b%2Ac~d%2Fe%27f%2Bg");
        assert_eq!(encode("爱丽丝"), "%E7%88%B1%E4%B8%BD%E4%B8%9D");
        assert_eq!(encode_path("/logstores/audit-c 1/logs"), "/logstores/audit-c%201/logs");
    }

    #[test]
    fn a_query_is_sorted_and_keeps_empty_values() {
        assert_eq!(canonical_query(&[("b", "2"), ("a", ""), ("B", "1")]), "B=1&a=&b=2");
        assert_eq!(canonical_query::<&str, &str>(&[]), "");
    }

    #[test]
    fn an_empty_path_is_the_root() {
        let canonical = canonical_request("GET", "", "", &[("host", " h ".to_owned())], "x");
        assert_eq!(canonical.text, "GET\n/\n\nhost:h\n\nhost\nx");
    }
}
