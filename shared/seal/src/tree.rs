//! The hash tree of RFC 6962, section 2.1: a leaf is SHA-256 of 0x00 and its bytes, a node is SHA-256 of 0x01 and its
//! two children, and a tree of n leaves is divided at the largest power of two below n.
//!
//! Where the nodes of a proof are, and whether a proof holds, is asked of the package `ct-merkle`; it is held to the
//! published vectors in `tests/it/vectors.rs`. It does arithmetic on sizes that it does not bound (0.3.0: a tree of
//! 2⁶⁴-1 leaves overflows), so that sizes are bounded here, before it is asked.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::{
    ConsistencyProof, InclusionProof, RootHash, indices_for_consistency_proof, indices_for_inclusion_proof,
};
use sha2::{Digest as _, Sha256};

/// The most leaves that a tree may have.
const MAX_SIZE: u64 = 1 << 62;

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of a leaf.
    pub fn leaf(bytes: &[u8]) -> Self {
        Self(Sha256::new_with_prefix([0x00]).chain_update(bytes).finalize().into())
    }

    /// Of a node.
    fn node(left: &Self, right: &Self) -> Self {
        Self(Sha256::new_with_prefix([0x01]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// Several, together in base64.
    pub(crate) fn join(hashes: &[Self]) -> String {
        STANDARD.encode(hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>())
    }

    /// The same, read.
    pub(crate) fn split(text: &str) -> Option<Vec<Self>> {
        let bytes = STANDARD.decode(text).ok()?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| hashes.iter().map(|hash| Self(*hash)).collect())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in base64")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let bytes = STANDARD.decode(text).map_err(|_| NotAHash)?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

/// A tree that grows. It keeps no leaves, only the roots of its perfect subtrees: 64 hashes at the most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The largest first: one for each bit that is set in the size.
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree of these perfect subtrees, the largest first. `None`: a tree of that size has another number of them.
    pub fn of_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (size <= MAX_SIZE && peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its perfect subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = Hash::node(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; that of the empty tree is SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let right_to_left = self.peaks.iter().copied().rev();
        right_to_left
            .reduce(|right, left| Hash::node(&left, &right))
            .unwrap_or_else(|| Hash(Sha256::digest([]).into()))
    }
}

impl Extend<Hash> for Tree {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    tree.extend(leaves.iter().copied());
    tree.root()
}

/// A node by its number in the array that `ct-merkle` counts in (RFC 9420, appendix C): the trailing ones of the number
/// are its level, and it lies in the middle of its leaves.
fn node(leaves: &[Hash], number: u64) -> Option<Hash> {
    let width = 1_u64.checked_shl(number.trailing_ones())?;
    let first = usize::try_from((number + 1 - width) / 2).ok()?;
    let last = first.saturating_add(usize::try_from(width).ok()?).min(leaves.len());
    leaves.get(first..last).filter(|covered| !covered.is_empty()).map(root)
}

/// The proof that a leaf is in the tree of these leaves (RFC 6962, section 2.1.1), the leaf's sibling first. `None`:
/// there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let size = leaves.len() as u64;
    if index >= size {
        return None;
    }
    indices_for_inclusion_proof(size, index).into_iter().map(|number| node(leaves, number)).collect()
}

/// The proof that the tree of the first `old` leaves is the beginning of the tree of all of them (RFC 6962, section
/// 2.1.2). `None`: there are not so many leaves.
pub fn consistency(leaves: &[Hash], old: u64) -> Option<Vec<Hash>> {
    let size = leaves.len() as u64;
    match old {
        0 => Some(vec![]),
        _ if old > size => None,
        _ => {
            let numbers = indices_for_consistency_proof(old, size - old).into_iter();
            numbers.map(|number| node(leaves, number)).collect()
        }
    }
}

/// Whether the proof shows that these bytes are the leaf at the index of the tree of this size and root.
pub fn includes(size: u64, root: &Hash, bytes: &[u8], index: u64, proof: &[Hash]) -> bool {
    let digests: Vec<_> = proof.iter().map(|hash| hash.0.into()).collect();
    let proof = InclusionProof::<Sha256>::from_digests(&digests);
    size <= MAX_SIZE && RootHash::new(root.0.into(), size).verify_inclusion(&bytes, index, &proof).is_ok()
}

/// Whether the proof shows that the one tree is the beginning of the other. Each is a size and a root.
pub fn extends(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    if old.0 == 0 {
        return proof.is_empty() && *old.1 == Tree::default().root();
    }
    let digests: Vec<_> = proof.iter().map(|hash| hash.0.into()).collect();
    let proof = ConsistencyProof::<Sha256>::from_digests(&digests);
    let root = |(size, hash): (u64, &Hash)| RootHash::new(hash.0.into(), size);
    new.0 <= MAX_SIZE && root(new).verify_consistency(&root(old), &proof).is_ok()
}
