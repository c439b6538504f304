//! Names of objects in the blob store.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::AvatarUploadId;

/// The name of an object: an id that we gave or a hash that we computed, below a folder that we
/// chose. Nothing from outside is ever part of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

const UPLOADS: &str = "uploads/";
const AVATARS: &str = "avatars/";
const SUFFIX: &str = ".webp";

impl BlobKey {
    /// The name of what is being uploaded: it is needed before the bytes are there. No address
    /// leads to it.
    #[must_use]
    pub fn original(upload: AvatarUploadId) -> Self {
        Self(format!("{UPLOADS}{upload}"))
    }

    /// The name of a rendition, which is part of its public address.
    ///
    /// The upload goes into the hash: the same picture of two accounts are two objects, so one can
    /// be removed without a look at the other, and nobody can tell that they are the same.
    #[must_use]
    pub fn rendition(upload: AvatarUploadId, bytes: &[u8]) -> Self {
        Self(format!("{AVATARS}{}{SUFFIX}", hash(upload, bytes)))
    }

    /// The rendition with this name in its public address, if the name can be one.
    #[must_use]
    pub fn from_public(name: &str) -> Option<Self> {
        let hash = name.strip_suffix(SUFFIX)?;
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| Self(format!("{AVATARS}{name}")))
    }

    /// A name that was written down before.
    #[must_use]
    pub const fn from_row(key: String) -> Self {
        Self(key)
    }

    /// The name of a rendition in its public address: the part behind the last slash.
    #[must_use]
    pub fn public(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hash(upload: AvatarUploadId, bytes: &[u8]) -> String {
    let digest = Sha256::new().chain_update(upload.0.as_bytes()).chain_update(bytes).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_depends_on_the_upload_and_the_bytes() {
        let (one, other) = (AvatarUploadId::new(), AvatarUploadId::new());
        assert_eq!(BlobKey::rendition(one, b"a"), BlobKey::rendition(one, b"a"));
        assert_ne!(BlobKey::rendition(one, b"a"), BlobKey::rendition(one, b"b"));
        assert_ne!(BlobKey::rendition(one, b"a"), BlobKey::rendition(other, b"a"));
        assert_ne!(BlobKey::original(one), BlobKey::original(other));
        assert_eq!(BlobKey::from_public(BlobKey::original(one).public()), None);
        let key = BlobKey::rendition(one, b"a");
        assert_eq!(BlobKey::from_public(key.public()), Some(key));
    }

    proptest! {
        #[test]
        fn no_name_from_outside_leads_anywhere_else(name in "[./\\\\a-f0-9%]{0,80}(\\.webp)?|\\PC{0,80}") {
            if let Some(key) = BlobKey::from_public(&name) {
                prop_assert!(key.as_str().bytes().filter(|byte| *byte == b'/').count() == 1);
                prop_assert_eq!(key.public(), name);
            }
        }
    }
}
