//! Notes and keys against the vectors of golang.org/x/mod, sumdb/note/note_test.go.

use proptest::prelude::*;
use seal::{KeyError, Note, NoteError, SignerKey, VerifierKey};
use secrecy::ExposeSecret as _;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_SIGNED: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_SIGNED: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn verify(note: &str, keys: &[&str]) -> Result<Vec<String>, NoteError> {
    let keys: Vec<VerifierKey> = keys.iter().map(|text| key(text)).collect();
    let note = Note::parse(note)?;
    let signers = note.verify(&keys)?;
    Ok(signers.into_iter().map(|key| key.name().to_owned()).collect())
}

/// TestNewVerifier and TestNewSigner: no part of a key is a key, nor is a key with one byte changed.
#[test]
fn a_mangled_key_is_no_key() {
    assert_eq!(key(PETER).to_string(), PETER);
    let signer: SignerKey = PETER_SECRET.parse().unwrap();
    assert_eq!(signer.to_secret().expose_secret(), PETER_SECRET);
    assert_eq!(signer.verifier(), &key(PETER));
    for (text, is_key) in [
        (PETER, (|text: &str| text.parse::<VerifierKey>().is_ok()) as fn(&str) -> bool),
        (PETER_SECRET, |text| text.parse::<SignerKey>().is_ok()),
    ] {
        for start in 0..=text.len() {
            for end in start + 1..=text.len() {
                assert_eq!(
                    is_key(&text[start..end]),
                    (start, end) == (0, text.len()),
                    "{}",
                    &text[start..end]
                );
            }
        }
        for index in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[index] += 1;
            let mangled = String::from_utf8(bytes).unwrap();
            assert!(!is_key(&mangled), "{mangled}");
        }
    }
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    // Wrong length and unknown algorithm, each with an id that fits.
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    assert_eq!(parse(long), KeyError::Malformed);
    let other = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(parse(other), KeyError::Algorithm);
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert_eq!(SignerKey::generate(name).unwrap_err(), KeyError::Name, "{name:?}");
    }
}

#[test]
fn a_secret_is_not_shown() {
    let signer: SignerKey = PETER_SECRET.parse().unwrap();
    assert_eq!(format!("{signer:?}"), format!("SignerKey({PETER})"));
    assert!(!format!("{:?}", signer.to_secret()).contains("AYEK"));
}

/// TestSign.
#[test]
fn a_signed_note_is_this() {
    let peter: SignerKey = PETER_SECRET.parse().unwrap();
    let note = Note::sign(TEXT, &[peter]).unwrap();
    assert_eq!(note.to_string(), format!("{TEXT}\n{PETER_SIGNED}"));
    assert_eq!(Note::parse(&note.to_string()).unwrap(), note);
    for bad in ["", "abc", "a\tb\n", "a\0\n"] {
        assert_eq!(Note::sign(bad, &[]).unwrap_err(), NoteError::Malformed, "{bad:?}");
    }
}

/// TestOpen.
#[test]
fn who_signed() {
    let both = format!("{TEXT}\n{PETER_SIGNED}{ENOCH_SIGNED}");
    assert_eq!(Note::parse(&both).unwrap().text(), TEXT);
    assert_eq!(verify(&both, &[PETER]).unwrap(), ["PeterNeumann"]);
    assert_eq!(verify(&both, &[PETER, ENOCH]).unwrap(), ["PeterNeumann", "EnochRoot"]);
    let unknown = NoteError::Unknown("PeterNeumann (key c74f20a3), EnochRoot (key af0cfe78)".to_owned());
    assert_eq!(verify(&both, &[]).unwrap_err(), unknown);

    let twice = format!("{TEXT}\n{PETER_SIGNED}{PETER_SIGNED}{ENOCH_SIGNED}{ENOCH_SIGNED}");
    assert_eq!(verify(&twice, &[PETER]).unwrap(), ["PeterNeumann"]);

    // The dash is three bytes.
    let (start, end) = PETER_SIGNED.split_at(60);
    let invalid = NoteError::Invalid { name: "PeterNeumann".to_owned(), id: 0xc74f_20a3 };
    assert_eq!(verify(&format!("{TEXT}\n{start}ABCD{end}"), &[PETER]).unwrap_err(), invalid);
    let other_text = TEXT.replace("problem", "question");
    assert_eq!(verify(&format!("{other_text}\n{PETER_SIGNED}"), &[PETER]).unwrap_err(), invalid);
    assert_eq!(
        verify(&format!("{other_text}\n{PETER_SIGNED}{ENOCH_SIGNED}"), &[PETER]).unwrap_err(),
        invalid
    );
}

#[test]
fn what_is_no_note_is_refused() {
    let bad_name = "— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    for bad in [
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{}", PETER_SIGNED.trim_end()),
        format!("\u{1}{TEXT}\n{PETER_SIGNED}"),
        format!("{TEXT}\n{bad_name}"),
        format!("{TEXT}\n{bad_name}\n"),
        format!("{TEXT}\n{PETER_SIGNED}Unexpected line.\n"),
        format!("{TEXT}\n{}", PETER_SIGNED.repeat(101)),
        format!("{}\n{PETER_SIGNED}", TEXT.repeat(20_000)),
    ] {
        assert_eq!(verify(&bad, &[PETER]).unwrap_err(), NoteError::Malformed);
    }
    assert_eq!(verify(&format!("{TEXT}\n{}", PETER_SIGNED.repeat(100)), &[PETER]).unwrap().len(), 1);
}

proptest! {
    /// An independent implementation reads what is signed here, and signs the same.
    #[test]
    fn another_implementation_agrees(text in "([a-zé —+]{0,9}\n){1,9}", name in "[a-z./é]{1,12}") {
        use signed_note::{Note as Theirs, Signer as _, StandardSigner, StandardVerifier, VerifierList};
        let ours = SignerKey::generate(&name).unwrap();
        let note = Note::sign(&text, std::slice::from_ref(&ours)).unwrap().to_string();
        let verifier = StandardVerifier::new(&ours.verifier().to_string()).unwrap();
        let theirs = Theirs::from_bytes(note.as_bytes()).unwrap();
        prop_assert_eq!(theirs.text(), text.as_bytes());
        let (known, _) = theirs.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
        prop_assert_eq!(known.len(), 1);
        prop_assert_eq!(known[0].id(), ours.verifier().id());

        let signer = StandardSigner::new(ours.to_secret().expose_secret()).unwrap();
        prop_assert_eq!(signer.name(), &name);
        let mut again = Theirs::new(text.as_bytes(), &[]).unwrap();
        again.add_sigs(&[&signer]).unwrap();
        prop_assert_eq!(again.to_bytes(), note.as_bytes());
    }

    /// Whatever comes from outside is read or refused, and what is read is written as it was.
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,80}", lines in "(— [a-z]{1,3} [A-Za-z0-9+/]{0,12}\n){0,3}") {
        let note = format!("{text}\n\n{lines}");
        if let Ok(read) = Note::parse(&note) {
            prop_assert_eq!(read.to_string(), note);
        }
    }
}
