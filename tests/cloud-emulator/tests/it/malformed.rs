//! Whatever is sent: an error of the service, never the end of it.

use std::io::{Read, Write};
use std::net::TcpStream;

use cloud_emulator::Service::{self, Cs, Ram};

use crate::client::{ALICE, PROD, Plain, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_more_than_ten_megabytes_is_refused_in_the_spelling_of_the_service() {
    let world = World::start().await;
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    let plain = Plain { body, ..Plain::new("POST", &format!("/permissions/users/{ALICE}")) };
    assert_eq!(plain.send(world.at(Cs)).expect("an answer").error(), (413, "RequestEntityTooLarge"));
    let answer = plain.send(world.at(Ram)).expect("an answer");
    assert_eq!(answer.body["Code"], "RequestEntityTooLarge");
    assert_eq!(world.cs("GET", "/api/v1/clusters").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_just_that_size_is_read() {
    let world = World::start().await;
    let mut plain =
        Plain::new("POST", &format!("/permissions/users/{ALICE}")).header("content-type", "text/plain");
    plain.body = vec![b'['; 10 * 1024 * 1024];
    assert_eq!(world.send(Cs, plain).error(), (400, "InvalidParameter.body"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_are_refused() {
    let world = World::start().await;
    for body in [&b""[..], b"{", b"\xff\xfe", b"null", b"[[[["] {
        for address in [
            format!("/permissions/users/{ALICE}"),
            format!("/permissions/users/{ALICE}/update"),
            format!("/k8s/{PROD}/user_config/expire"),
        ] {
            let plain = Plain { body: body.to_vec(), ..Plain::new("POST", &address) };
            assert_eq!(world.send(Cs, plain).error(), (400, "InvalidParameter.body"), "{address} {body:?}");
        }
    }
    assert_eq!(world.roles(PROD, ALICE), ["ops"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_authorizations_are_refused() {
    let world = World::start().await;
    for authorization in [
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 ",
        "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=b",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
        "acs ",
        "acs a",
        "LOG a",
        "SLS4-HMAC-SHA256 Credential=a/b,Signature=c",
        "Basic YTpi",
        ":",
    ] {
        // Tablestore does not answer in JSON, and has its own specification.
        for service in Service::ALL.into_iter().filter(|service| *service != Service::Tablestore) {
            let plain = Plain::new("GET", "/").header("authorization", authorization);
            let answer = plain.send(world.at(service)).expect("an answer");
            // OSS says what is wrong in XML.
            let status = if service == Service::Oss { answer.status } else { answer.error().0 };
            assert!((400..500).contains(&status), "{service} {authorization} {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_paths_find_nothing() {
    let world = World::start().await;
    for path in ["//", "/clusters/%FF%FE", "/clusters/%", "/users/../clusters", "/cluster//user//permissions"]
    {
        let (status, _) = (world.cs("GET", path).status, ());
        assert!((400..500).contains(&status), "{path} {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_http_end_their_own_connection_only() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.at(Cs)).expect("a listener");
    stream.write_all(b"\x16\x03\x01 no http at all\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the connection ends");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(world.cs("GET", "/api/v1/clusters").status, 200);
}
