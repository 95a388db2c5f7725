//! Buckets and their objects (OSS).

use super::{Account, Refusal};

impl Account {
    /// Makes a bucket in the account's region; one that is there stays as it is.
    pub fn make_bucket(&mut self, name: &str) {
        self.buckets.entry(name.to_owned()).or_default();
    }

    /// Puts an object, in the place of what it held.
    ///
    /// # Errors
    /// There is no such bucket.
    pub fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<(), Refusal> {
        let objects = self.buckets.get_mut(bucket);
        let objects = objects.ok_or_else(|| Refusal::NoSuchBucket(bucket.to_owned()))?;
        objects.insert(key.to_owned(), content.into());
        Ok(())
    }

    /// What an object holds.
    ///
    /// # Errors
    /// There is no such bucket or object.
    pub fn object(&self, bucket: &str, key: &str) -> Result<&[u8], Refusal> {
        let objects = self.buckets.get(bucket).ok_or_else(|| Refusal::NoSuchBucket(bucket.to_owned()))?;
        let content = objects.get(key).ok_or_else(|| Refusal::NoSuchObject(key.to_owned()))?;
        Ok(content)
    }
}
