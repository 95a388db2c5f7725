use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::certificate::tests::issue;

fn file(certificate: &str, key: &str) -> String {
    let data = STANDARD.encode(certificate);
    let key = STANDARD.encode(key);
    format!(
        r#"apiVersion: v1
kind: Config
current-context: prod
preferences: {{}}
clusters:
- name: kubernetes
  cluster: {{server: "https://root:hunter2@47.96.1.2:6443/x", certificate-authority-data: bm90IHJlYWQ=}}
contexts:
- name: prod
  context: {{cluster: kubernetes, user: alice, namespace: shop}}
- name: bot
  context: {{cluster: kubernetes, user: robot}}
- name: sso
  context: {{cluster: elsewhere, user: sso}}
- name: nobody
  context: {{cluster: kubernetes, user: nobody}}
- name: broken
  context: {{cluster: kubernetes, user: broken}}
users:
- name: alice
  user: {{client-certificate-data: {data}, client-key-data: {key}}}
- name: robot
  user: {{token: hunter2-token}}
- name: sso
  user:
    exec: {{apiVersion: client.authentication.k8s.io/v1, command: ack-ram-tool, args: [--secret, hunter2]}}
- name: broken
  user: {{client-certificate-data: "***hunter2***"}}
"#
    )
}

#[test]
fn every_context_is_told_with_what_its_user_holds() {
    let (pem, _, key) = issue("200000000000000001-1700000000");
    let contexts = read(file(&pem, &key).as_bytes()).unwrap();
    let prod = &contexts[0];
    assert_eq!((prod.name.as_str(), prod.current, prod.cluster.as_str()), ("prod", true, "kubernetes"));
    assert_eq!(prod.namespace.as_deref(), Some("shop"));
    assert_eq!(prod.server.as_deref(), Some("https://47.96.1.2:6443/x"));
    let Held::Certificate(certificate) = &prod.held else { panic!("{:?}", prod.held) };
    assert_eq!(certificate.common_name, "200000000000000001-1700000000");
    let held: Vec<_> = contexts[1..].iter().map(|context| context.held.clone()).collect();
    assert_eq!(
        held,
        [
            Held::Token,
            Held::ExecPlugin { command: "ack-ram-tool".to_owned() },
            Held::Unreadable(Unreadable::NoUser),
            Held::Unreadable(Unreadable::Base64),
        ]
    );
    assert_eq!(contexts[2].server, None, "the file does not know this cluster");
}

#[test]
fn no_secret_of_the_file_is_kept() {
    let (pem, _, key) = issue("200000000000000001-1700000000");
    let shown = format!("{:?}", read(file(&pem, &key).as_bytes()).unwrap());
    assert!(
        !shown.contains("hunter2") && !shown.contains("PRIVATE") && !shown.contains(&STANDARD.encode(&key))
    );
}

#[test]
fn an_error_names_the_line_and_quotes_nothing() {
    for text in
        ["users: hunter2", "a: [", "contexts:\n- name: x\n  context: hunter2\n", "- hunter2", "hunter2"]
    {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, FileError::Form { .. }), "{text}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    let error = read(b"kind: Config\nusers: hunter2").unwrap_err();
    assert_eq!(error.to_string(), "not a kubeconfig file, line 2");
}

#[test]
fn what_is_too_long_not_text_or_empty_is_refused() {
    assert_eq!(read(&vec![b' '; MAX_INPUT + 1]), Err(FileError::TooLong));
    assert_eq!(read(b"\xff\xfe"), Err(FileError::NotText));
    assert_eq!(read(b"kind: Config\ncontexts: null\nusers: null\n"), Err(FileError::Empty));
}

#[test]
fn a_file_that_unfolds_without_end_is_refused() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{},", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    bomb.push_str("contexts: *a11\n");
    assert!(matches!(read(bomb.as_bytes()), Err(FileError::Form { .. })));
}

#[test]
fn thousands_of_contexts_may_share_a_user() {
    let (pem, _, _) = issue("200000000000000001-1");
    let mut file =
        format!("users: [{{name: u, user: {{client-certificate-data: {}}}}}]\n", STANDARD.encode(pem));
    file.push_str("contexts:\n");
    for number in 0..15_000 {
        file.push_str(&format!("- {{name: c{number}, context: {{cluster: x, user: u}}}}\n"));
    }
    let contexts = read(file.as_bytes()).unwrap();
    assert_eq!(contexts.len(), 15_000);
    assert!(contexts.iter().all(|context| matches!(context.held, Held::Certificate(_))));
}

#[test]
fn a_certificate_elsewhere_or_another_kind_of_credential_is_said() {
    let held = |user: &str| {
        let file =
            format!("contexts: [{{name: c, context: {{user: u}}}}]\nusers: [{{name: u, user: {user}}}]\n");
        read(file.as_bytes()).unwrap().remove(0).held
    };
    assert_eq!(
        held("{client-certificate: /a.pem, client-key: /b.pem}"),
        Held::Unreadable(Unreadable::OtherFile)
    );
    assert_eq!(held("{username: a, password: hunter2}"), Held::Unreadable(Unreadable::OtherKind));
    assert_eq!(held("{auth-provider: {name: x}}"), Held::Unreadable(Unreadable::OtherKind));
    assert_eq!(held("{tokenFile: /var/run/token}"), Held::Token);
    assert_eq!(held("{}"), Held::Unreadable(Unreadable::Nothing));
    assert_eq!(held("null"), Held::Unreadable(Unreadable::Nothing));
    let der = CertificateError::Der;
    assert_eq!(held("{client-certificate-data: aGVsbG8=}"), Held::Unreadable(Unreadable::Certificate(der)));
}
