//! What a sweep costs: requests by operation, as formulas that small accounts confirm and docs/operations.md states.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloud_emulator::Scenario;
use cloud_emulator::account::Kind;
use cloud_emulator::scenario::{CertificateSeed, ClusterSeed, IdentitySeed, KubeconfigSeed};
use packaging::workspace;
use revocation::{Cause, TimeBudget};

use crate::calls::{World, document, policy};

/// An account in which every identity has a kubeconfig in every cluster, and nothing is due.
fn account(identities: u64, clusters: u64) -> Scenario {
    let mut scenario = Scenario::believable();
    let template = scenario.clusters[0].clone();
    scenario.clusters = (0..clusters)
        .map(|n| ClusterSeed { id: format!("c{n:032}"), name: format!("cluster-{n}"), ..template.clone() })
        .collect();
    let alice = scenario.identities.iter().find(|identity| identity.name == "alice").unwrap().clone();
    scenario.identities.retain(|identity| identity.kind == Kind::Root);
    scenario.identities.extend((0..identities).map(|n| IdentitySeed {
        id: format!("20000000000{n:07}"),
        name: format!("user-{n}"),
        ..alice.clone()
    }));
    let certificate = CertificateSeed { issued_hours_ago: 100, valid_hours: 3 * 365 * 24, temporary: false };
    scenario.kubeconfigs = (0..identities)
        .flat_map(|user| (0..clusters).map(move |cluster| (user, cluster)))
        .map(|(user, cluster)| KubeconfigSeed {
            cluster: format!("cluster-{cluster}"),
            identity: format!("user-{user}"),
            certificates: vec![certificate.clone()],
            ..KubeconfigSeed::default()
        })
        .collect();
    scenario
}

/// Requests of the first sweep, and of one that finds nothing new, by operation.
async fn measured(identities: u64, clusters: u64) -> [BTreeMap<String, u64>; 2] {
    let policies = [document(&policy("expiry-sweep"))];
    let world = World::with(account(identities, clusters), &policies, true).await;
    let reaper = world.reaper();
    let cause = Cause::new(kubeconfig::Actor::timer());
    let mut sweeps = vec![];
    for _ in 0..2 {
        reaper.sweep(&cause, TimeBudget::UNLIMITED).await.unwrap();
        let mut counts = BTreeMap::new();
        for call in world.emulator.calls() {
            *counts.entry(call.action).or_default() += 1;
        }
        world.emulator.forget_calls();
        sweeps.push(counts);
    }
    sweeps.try_into().unwrap()
}

/// What is counted: its name, the actions, and how many requests `i` identities and `c` clusters make in a first and in a
/// further sweep.
type Count = fn(u64, u64) -> u64;
const COUNTS: [(&str, &str, Count, Count); 7] = [
    ("cs:ListClusterKubeconfigStates", "C * ceil(I / 50)", cluster_lists, cluster_lists),
    ("cs:ListUserKubeConfigStates", "(I + 1) * ceil(C / 100)", user_lists, user_lists),
    ("ram:ListUsers", "ceil(I / 1000)", |i, _| i.div_ceil(1000), |i, _| i.div_ceil(1000)),
    ("cs:DescribeClustersV1", "ceil(C / 50)", |_, c| c.div_ceil(50), |_, c| c.div_ceil(50)),
    ("ots:BatchWriteRow", "P + I + C + 3, later 2", |i, c| i * c + i + c + 3, |_, _| 2),
    (
        "ots:GetRange",
        "2 * (P + I + C) + 24, later 2 * P + 20",
        |i, c| 2 * (i * c + i + c) + 24,
        |i, c| 2 * i * c + 20,
    ),
    ("ots:BatchGetRow", "1, later P", |_, _| 1, |i, c| i * c),
];

fn cluster_lists(identities: u64, clusters: u64) -> u64 {
    clusters * identities.div_ceil(50)
}

fn user_lists(identities: u64, clusters: u64) -> u64 {
    (identities + 1) * clusters.div_ceil(100)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_formulas_are_what_is_measured() {
    for (identities, clusters) in [(4, 2), (7, 3), (52, 2)] {
        let [first, further] = measured(identities, clusters).await;
        println!("{identities} x {clusters}: {first:?} then {further:?}");
        for (action, _, of_first, of_further) in COUNTS {
            let counts = [&first, &further].map(|counts| counts.get(action).copied().unwrap_or_default());
            let expected = [of_first(identities, clusters), of_further(identities, clusters)];
            assert_eq!(counts, expected, "{action} with {identities} identities and {clusters} clusters");
        }
    }
}

#[test]
fn the_guide_states_what_the_formulas_say() {
    let mut table = String::new();
    for (action, formula, first, further) in COUNTS {
        let (first, further) = (first(1000, 100), further(1000, 100));
        let large = if first == further { first.to_string() } else { format!("{first}, then {further}") };
        writeln!(table, "| `{action}`, a sweep | `{formula}` | {large} |").unwrap();
    }
    let guide = std::fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    assert!(guide.contains(&table), "docs/operations.md has to say:\n{table}");
}
