//! What lies within a scope.

use kubeconfig::{Bound, ClusterId, KubeconfigKey, Scope, Uid};

fn cluster(id: &str) -> ClusterId {
    id.parse().unwrap()
}

fn uid(digits: &str) -> Uid {
    digits.parse().unwrap()
}

fn admitted(scope: &Scope) -> Vec<String> {
    let pairs = ["c1", "c2"].into_iter().flat_map(|c| ["1", "2"].map(|u| (c, u)));
    let keys = pairs.map(|(c, u)| KubeconfigKey { cluster: cluster(c), uid: uid(u) });
    keys.filter(|key| scope.admits(key)).map(|key| format!("{}{}", key.cluster, key.uid)).collect()
}

#[test]
fn without_bounds_everything_lies_within() {
    assert_eq!(admitted(&Scope::EVERYTHING).len(), 4);
    assert_eq!(Scope::of(&[]), Scope::EVERYTHING);
    assert!(Scope::EVERYTHING.is_everything());
}

#[test]
fn clusters_bound_clusters_identities_bound_identities_and_both_bound_both() {
    let (c1, c2) = (Bound::Cluster(cluster("c1")), Bound::Cluster(cluster("c2")));
    let one = Bound::Identity(uid("1"));
    assert_eq!(admitted(&Scope::of([&c1])), ["c11", "c12"]);
    assert_eq!(admitted(&Scope::of([&one])), ["c11", "c21"]);
    assert_eq!(admitted(&Scope::of([&c1, &one])), ["c11"]);
    assert_eq!(admitted(&Scope::of([&c1, &c2])).len(), 4);
    assert!(!Scope::of([&c1, &c2]).is_everything(), "another cluster may come");
    assert!(admitted(&Scope::of([&Bound::Cluster(cluster("c3"))])).is_empty());
}
