//! The latest checkpoint, for whoever keeps one elsewhere.

use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use revocation::Config;
use seal::{KeyRing, SignedCheckpoint};
use tower::ServiceExt;

use crate::world::{VERA, World, request};

async fn checkpoint(world: &World) -> (StatusCode, String) {
    let asked = request(Method::GET, "/v1/checkpoint", Some(VERA), None);
    let (parts, body) = world.router.clone().oneshot(asked).await.unwrap().into_parts();
    (parts.status, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn what_a_sweep_has_sealed_last_is_signed_and_grows() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.seal.key_path = folder.path().join("key");
    config.seal.checkpoint_path = folder.path().join("checkpoint");
    let keys = KeyRing::generate(&config.seal.key_path, "example.com/reaper").unwrap();
    let world = World::with_config(config).await;
    let (status, problem) = checkpoint(&world).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(problem.contains("nothing is sealed yet"), "{problem}");

    let mut sizes = vec![];
    for _ in 0..2 {
        world.look().await;
        let (status, text) = checkpoint(&world).await;
        assert_eq!(status, StatusCode::OK);
        let signed = SignedCheckpoint::parse(&text).unwrap();
        assert!(signed.verify(&keys.verifiers()).is_ok());
        sizes.push(signed.checkpoint().size);
    }
    assert!(sizes[0] > 0 && sizes[0] < sizes[1], "{sizes:?}");
}
