//! Certificates in text that has lost its form: line breaks gone or added, half a file, base64 of a file, a certificate
//! alone. Private keys and tokens are noticed, and not kept.

use std::collections::BTreeSet;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::certificate::ClientCertificate;

/// What chats and copying leave of the padding does not matter here.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The most certificates that are told of one text.
const CERTIFICATES_MAX: usize = 20;

/// The fewest characters of a word that base64 of a certificate or key begins with: PEM has lines of 64.
const FIRST_WORD_MIN: usize = 32;

/// Words at the end of a run of base64 that may belong to what follows.
const WORDS_DROPPED: usize = 3;

/// Names of values that prove something.
const CREDENTIALS: [&str; 7] =
    ["token", "password", "id-token", "refresh-token", "access-token", "client-secret", "clientSecret"];

/// What a text holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragments {
    /// Client certificates, each once, in their order; at most 20.
    pub certificates: Vec<ClientCertificate>,
    /// Whether there is a private key, or what looks like its beginning.
    pub private_key: bool,
    /// Whether there is a signed token (JWT).
    pub signed_token: bool,
    /// Whether a token or a password is named with a value.
    pub credential: bool,
}

/// Reads what can be read.
pub fn read(text: &str) -> Fragments {
    // A file within JSON has its line breaks written out.
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let mut fragments = Fragments { private_key: names_private_key(&text), ..Fragments::default() };
    let outside = fragments.read_pem(&text);
    let words: Vec<&str> = outside.split(is_between).filter(|word| !word.is_empty()).collect();
    fragments.credential = names_credential(&words);
    fragments.signed_token = words.iter().any(|word| is_signed_token(word));
    let mut place = 0;
    while place < words.len() {
        let run = run_from(&words[place..]);
        if run == 0 {
            place += 1;
            continue;
        }
        let after = place.checked_sub(1).map_or("", |before| words[before]).trim_end_matches(':');
        // The cluster's own certificate says nothing about who holds the file.
        if after != "certificate-authority-data" {
            fragments.read_run(&words[place..place + run]);
        }
        place += run;
    }
    fragments
}

/// The text that a text is base64 of, as a whole.
pub fn unwrapped(text: &str) -> Option<String> {
    let packed: String = text.split_whitespace().collect();
    if packed.len() < FIRST_WORD_MIN || !packed.chars().all(is_base64) {
        return None;
    }
    String::from_utf8(BASE64.decode(packed).ok()?).ok()
}

impl Fragments {
    /// Takes certificates in PEM, and answers the text around them.
    fn read_pem(&mut self, text: &str) -> String {
        let mut outside = String::new();
        let mut rest = text;
        while let Some((before, block)) = rest.split_once("BEGIN CERTIFICATE") {
            outside.push_str(before);
            let (body, after) = block.split_once("END CERTIFICATE").unwrap_or((block, ""));
            let packed: String = body.chars().filter(|c| is_base64(*c)).collect();
            if let Ok(certificate) = BASE64.decode(packed) {
                self.add(&certificate);
            }
            outside.push(' ');
            rest = after;
        }
        outside + rest
    }

    /// Words of base64: all of them, or all but the last few.
    fn read_run(&mut self, words: &[&str]) {
        let known = self.certificates.len();
        for dropped in 0..=WORDS_DROPPED.min(words.len() - 1) {
            let Ok(bytes) = BASE64.decode(words[..words.len() - dropped].concat()) else { continue };
            self.private_key |= is_private_key(&bytes);
            self.add(&bytes);
            if let Ok(text) = std::str::from_utf8(&bytes) {
                self.private_key |= names_private_key(text);
                if text.contains("BEGIN CERTIFICATE") {
                    self.read_pem(text);
                }
            }
            if self.private_key || self.certificates.len() > known {
                break;
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let Ok(certificate) = ClientCertificate::read(bytes) else { return };
        let known: BTreeSet<&str> = self.certificates.iter().map(|known| known.sha256.as_str()).collect();
        if !known.contains(certificate.sha256.as_str()) && known.len() < CERTIFICATES_MAX {
            self.certificates.push(certificate);
        }
    }
}

/// How many words from here on are base64 of one thing. Padding ends it.
fn run_from(words: &[&str]) -> usize {
    if words.first().is_none_or(|word| word.len() < FIRST_WORD_MIN) {
        return 0;
    }
    let fits = words.iter().take_while(|word| word.chars().all(is_base64)).count();
    let padded = words[..fits].iter().position(|word| word.ends_with('='));
    padded.map_or(fits, |place| place + 1)
}

const fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '{' | '}' | '[' | ']' | '|' | '>' | '<')
}

/// `BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY`, … or a value behind `client-key-data`.
fn names_private_key(text: &str) -> bool {
    let begun = text.match_indices("BEGIN ").any(|(at, begin)| {
        let label: String = text[at + begin.len()..].chars().take(32).collect();
        label.contains("PRIVATE KEY")
    });
    let mut named = text.match_indices("client-key-data").map(|(at, name)| &text[at + name.len()..]);
    begun || named.any(|value| !value.trim_start_matches([':', '"', '\'', ' ', '\n']).is_empty())
}

/// PKCS #8, PKCS #1 and SEC 1 in DER: a sequence that begins with the version 0 or 1. A certificate begins with another
/// sequence.
fn is_private_key(der: &[u8]) -> bool {
    let content = match der {
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        [0x30, 0x81, _, rest @ ..] | [0x30, 0x82, _, _, rest @ ..] => rest,
        _ => return false,
    };
    matches!(content, [0x02, 0x01, 0x00 | 0x01, 0x02 | 0x04 | 0x30, ..])
}

fn names_credential(words: &[&str]) -> bool {
    let named = |pair: &[&str]| {
        let is_key = pair[0].ends_with(':') || pair[1].starts_with(':');
        is_key && CREDENTIALS.contains(&pair[0].trim_end_matches(':'))
    };
    words.windows(2).any(named)
}

/// Three parts, the first of them an object in base64.
fn is_signed_token(word: &str) -> bool {
    word.len() > 40 && word.starts_with("eyJ") && word.split('.').count() == 3
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::tests::issue;

    const NAME: &str = "200000000000000001-1700000000";

    fn wrapped(text: &str, by: &str) -> String {
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join(by)
    }

    #[test]
    fn a_certificate_is_found_in_whatever_form() {
        let (pem, der, _) = issue(NAME);
        let (base64, twice) = (STANDARD.encode(&der), STANDARD.encode(&pem));
        let forms = [
            pem.clone(),
            pem.replace('\n', " "),
            pem.replace('\n', ""),
            pem.replace('\n', "\\n"),
            pem.replace("-----", "--"),
            base64.clone(),
            base64.trim_end_matches('=').to_owned(),
            wrapped(&base64, "\n"),
            wrapped(&base64, "  "),
            twice.clone(),
            wrapped(&twice, " "),
            format!("users: - name: u user: client-certificate-data: {twice} client-key-data:"),
            format!("{{\"client-certificate-data\":\"{twice}\",\"x\":1}}"),
            format!("{} and some words", base64.trim_end_matches('=')),
            format!("{pem}{pem}"),
        ];
        for form in forms {
            let found = read(&form);
            let names: Vec<_> = found.certificates.iter().map(|found| found.common_name.as_str()).collect();
            assert_eq!(names, [NAME], "{form}");
            assert!(!found.private_key && !found.credential && !found.signed_token, "{form}");
        }
    }

    #[test]
    fn the_certificate_of_the_cluster_is_nobodys() {
        let (own, _, _) = issue(NAME);
        let (ca, _, _) = issue("kubernetes");
        let text = format!(
            "certificate-authority-data: {} client-certificate-data: {}",
            STANDARD.encode(ca),
            STANDARD.encode(own)
        );
        let found = read(&text);
        assert_eq!(found.certificates.len(), 1);
        assert_eq!(found.certificates[0].common_name, NAME);
    }

    #[test]
    fn a_private_key_is_noticed_in_whatever_form_and_not_kept() {
        let (pem, _, key) = issue(NAME);
        let body: String = key.lines().filter(|line| !line.starts_with("---")).collect();
        for form in [
            key.clone(),
            key.replace('\n', " "),
            format!("{pem}{key}"),
            body.clone(),
            wrapped(&body, " "),
            body[..60].to_owned(),
            STANDARD.encode(&key),
            format!("client-key-data: {}", STANDARD.encode(&key)),
            "-----BEGIN RSA PRIVATE KEY----- half of it".to_owned(),
            format!("revoke alice all {body}"),
        ] {
            let found = read(&form);
            assert!(found.private_key, "{form}");
            assert!(!format!("{found:?}").contains(&body[..40]));
        }
    }

    #[test]
    fn tokens_and_passwords_are_noticed() {
        for text in ["token: abc", "{\"token\":\"abc\"}", "user:\n  password: abc", "id-token: x"] {
            assert!(read(text).credential, "{text}");
        }
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", "x".repeat(40));
        assert!(read(&token).signed_token);
        for text in ["a token was found", "tokenFile: /x", "token:", "her private key has leaked", "e.y.J"] {
            assert_eq!(read(text), Fragments::default(), "{text}");
        }
    }

    #[test]
    fn base64_of_a_whole_text_is_that_text() {
        let file = "apiVersion: v1\nkind: Config\n";
        assert_eq!(unwrapped(&wrapped(&STANDARD.encode(file), "\n")).as_deref(), Some(file));
        for other in [file, "", "QUJD", "two words that are long enough to be something else"] {
            assert_eq!(unwrapped(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n]{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&text);
            let _ = read(&format!("{text}{} BEGIN CERTIFICATE{text}", STANDARD.encode(bytes)));
        }
    }
}
