//! The tree against published vectors: those of the reference implementation of certificate transparency, as the
//! packages transparency-dev/merkle (testonly/reference_test.go) and ct-merkle 0.3.0 (tests/known_answer.rs) have them.

use seal::{Hash, Tree, tree};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Of the first 1, 2, … leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hash(hex: &str) -> Hash {
    Hash(hex::decode(hex).unwrap().try_into().unwrap())
}

fn hashes(hex: &[&str]) -> Vec<Hash> {
    hex.iter().map(|hex| hash(hex)).collect()
}

fn bytes(index: u64) -> Vec<u8> {
    hex::decode(LEAVES[usize::try_from(index).unwrap()]).unwrap()
}

fn leaves(count: usize) -> Vec<Hash> {
    LEAVES[..count].iter().map(|leaf| Hash::leaf(&hex::decode(leaf).unwrap())).collect()
}

#[test]
fn the_root_of_the_empty_tree_is_the_hash_of_nothing() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Tree::default().root(), hash(empty));
}

#[test]
fn roots() {
    let mut tree = Tree::default();
    for (leaf, root) in leaves(8).into_iter().zip(ROOTS) {
        tree.push(leaf);
        assert_eq!(tree.root(), hash(root), "{} leaves", tree.size());
        let again = Tree::of_peaks(tree.size(), tree.peaks().to_vec()).unwrap();
        assert_eq!(again, tree);
    }
    assert_eq!(Tree::of_peaks(3, tree.peaks().to_vec()), None);
}

#[test]
fn proofs_of_inclusion() {
    let cases: [(usize, u64, &[&str]); 7] = [
        (1, 0, &[]),
        (2, 0, &["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"]),
        (2, 1, &["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]),
        (3, 2, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            5,
            1,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            8,
            0,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            8,
            5,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (size, index, path) in cases {
        let proof = tree::inclusion(&leaves(size), index).unwrap();
        assert_eq!(proof, hashes(path), "leaf {index} of {size}");
        assert!(tree::includes(size as u64, &hash(ROOTS[size - 1]), &bytes(index), index, &proof));
    }
}

#[test]
fn proofs_of_consistency() {
    let cases: [(u64, usize, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (old, new, path) in cases {
        let proof = tree::consistency(&leaves(new), old).unwrap();
        assert_eq!(proof, hashes(path), "{old} to {new}");
        let root = |size: usize| hash(ROOTS[size - 1]);
        let old_root = root(usize::try_from(old).unwrap());
        assert!(tree::extends((old, &old_root), (new as u64, &root(new)), &proof));
    }
}

/// The tree as RFC 6962, section 2.1, defines it, word for word.
fn defined(leaves: &[Hash]) -> Hash {
    use sha2::{Digest as _, Sha256};
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [one] => *one,
        more => {
            let split = 1 << (more.len() - 1).ilog2();
            assert!(split < more.len() && more.len() <= 2 * split);
            let (left, right) = (defined(&more[..split]), defined(&more[split..]));
            Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
        }
    }
}

#[test]
fn the_tree_is_divided_at_the_largest_power_of_two() {
    let leaves: Vec<Hash> = (0..200_u32).map(|number| Hash::leaf(&number.to_be_bytes())).collect();
    let mut tree = Tree::default();
    for size in 0..=200 {
        assert_eq!(tree.root(), defined(&leaves[..size]), "{size} leaves");
        tree.extend(leaves.get(size).copied());
    }
}

/// Every proof of every tree up to 70 leaves holds, here and in an independent implementation; none holds for anything
/// else.
#[test]
fn all_proofs_of_all_small_trees() {
    use tlog_tiles::{Hash as Theirs, check_record, check_tree, record_hash};
    let theirs = |hash: &Hash| Theirs(hash.0);
    let all: Vec<Vec<u8>> = (0..70_u8).map(|number| vec![number; usize::from(number)]).collect();
    let hashes: Vec<Hash> = all.iter().map(|leaf| Hash::leaf(leaf)).collect();
    for size in 1..=all.len() {
        let (leaves, n) = (&hashes[..size], size as u64);
        let root = defined(leaves);
        for (index, leaf) in (0..n).zip(&all) {
            let proof = tree::inclusion(leaves, index).unwrap();
            assert!(tree::includes(n, &root, leaf, index, &proof));
            let path = proof.iter().map(theirs).collect();
            check_record(&path, n, theirs(&root), index, record_hash(leaf)).unwrap();
            assert!(!tree::includes(n, &root, b"else", index, &proof));
            assert!(!tree::includes(n, &root, leaf, index + 1, &proof));
            assert!(!tree::includes(n, &Hash([7; 32]), leaf, index, &proof));
            if let Some((_, shorter)) = proof.split_last() {
                assert!(!tree::includes(n, &root, leaf, index, shorter));
            }
        }
        assert_eq!(tree::inclusion(leaves, n), None);
        for old in 1..=n {
            let proof = tree::consistency(leaves, old).unwrap();
            let old_root = defined(&leaves[..usize::try_from(old).unwrap()]);
            assert!(tree::extends((old, &old_root), (n, &root), &proof));
            let path = proof.iter().map(theirs).collect();
            check_tree(&path, n, theirs(&root), old, theirs(&old_root)).unwrap();
            assert!(!tree::extends((old, &Hash([7; 32])), (n, &root), &proof));
            assert!(!tree::extends((old, &old_root), (n, &Hash([7; 32])), &proof));
        }
        assert_eq!(tree::consistency(leaves, n + 1), None);
    }
    let (empty, one) = (Tree::default().root(), hashes[0]);
    assert!(tree::extends((0, &empty), (1, &one), &[]));
    assert!(!tree::extends((0, &one), (1, &one), &[]));
}

/// Sizes come from outside, as do indexes.
#[test]
fn absurd_sizes_are_no_proof_and_no_panic() {
    let root = Hash([1; 32]);
    for size in [0, 1, 1 << 62, (1 << 62) + 1, 1 << 63, (1 << 63) + 1, u64::MAX] {
        for index in [0, 1, 1 << 62, 1 << 63, u64::MAX] {
            assert!(!tree::includes(size, &root, b"", index, &[]));
            assert!(!tree::includes(size, &root, b"", index, &[root; 64]));
            assert!(!tree::extends((index, &root), (size, &Hash([2; 32])), &[root; 62]));
        }
    }
}
