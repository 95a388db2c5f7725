//! A file that somebody pasted: what chats do to text, undone; and the text itself never shown.

use std::fmt;

/// Text that may hold a private key. It is reduced to what is public before anything of it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Pasted(String);

/// What only files and certificates have. `LS0tLS1CRUdJTi` is `-----BEGIN ` in base64, `MII` begins what is as long as
/// a certificate or key in DER.
const MARKS: [&str; 5] =
    ["BEGIN ", "LS0tLS1CRUdJTi", "client-certificate-data", "client-key-data", "certificate-authority-data"];

/// The fewest characters of a word that is taken for DER in base64. No command has so long a word.
const DER_MIN: usize = 256;

impl Pasted {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text as it was before the chat: without code fences, entities, links, typographic quotes and dashes, and
    /// invisible characters.
    pub fn unescaped(&self) -> String {
        unescaped(&self.0)
    }
}

impl fmt::Debug for Pasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pasted({} bytes)", self.0.len())
    }
}

/// Whether a text is more likely a file than a command, e.g. because the word before it was forgotten.
pub(crate) fn is_file(text: &str) -> bool {
    let is_der = |word: &str| word.len() >= DER_MIN && word.starts_with("MI");
    MARKS.iter().any(|mark| text.contains(mark)) || text.split_whitespace().any(is_der)
}

/// What a chat has made of a text, undone.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ab}' | '\u{bb}' => plain.push('"'),
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => plain.push('\''),
            // Two hyphens are typed as one dash by phones and Macs.
            '\u{2014}' => plain.push_str("--"),
            '\u{2010}'..='\u{2013}' | '\u{2212}' => plain.push('-'),
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => plain.push(' '),
            '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\r' | '`' => {}
            c => plain.push(c),
        }
    }
    without_links(&plain)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Slack writes an address as `<address>` or `<address|label>`.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("<http") {
        plain.push_str(before);
        let (address, after) = link.split_once('>').unwrap_or((link, ""));
        plain.push_str("http");
        plain.push_str(address.split('|').next().unwrap_or_default());
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chats_do_to_text_is_undone() {
        for (chat, plain) in [
            ("```\nkind: Config\n```", "\nkind: Config\n"),
            ("server: <https://1.2.3.4:6443>", "server: https://1.2.3.4:6443"),
            ("server: <https://a.example|a.example>\nx", "server: https://a.example\nx"),
            ("a &amp; b &lt;c&gt; &quot;d&quot;", "a & b <c> \"d\""),
            ("&amp;lt;", "&lt;"),
            ("{“kind”: ‘Config’}", "{\"kind\": 'Config'}"),
            ("——-BEGIN CERTIFICATE——-", "-----BEGIN CERTIFICATE-----"),
            ("a\u{a0}b\u{200b}c\r\n", "a bc\n"),
            ("<https://never-closed", "https://never-closed"),
        ] {
            assert_eq!(unescaped(chat), plain, "{chat}");
        }
    }

    #[test]
    fn a_file_is_told_from_a_command() {
        let der = format!("status {}", "MII".to_owned() + &"x".repeat(300));
        for text in ["-----BEGIN CERTIFICATE-----", "——BEGIN RSA PRIVATE KEY", "client-key-data: x", &der]
        {
            assert!(is_file(text), "{text}");
        }
        for text in
            ["status alice", "revoke MIIa all she has begun elsewhere", "history \"begin certificate\""]
        {
            assert!(!is_file(text), "{text}");
        }
    }

    #[test]
    fn it_is_not_shown() {
        assert_eq!(format!("{:?}", Pasted::new("hush")), "Pasted(4 bytes)");
    }
}
