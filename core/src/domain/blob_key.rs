//! Keys of objects in the blob store.

use aws_lc_rs::digest;

use super::{AvatarUploadId, hex};

/// The key of an object: an id or a hash of ours, below a folder of ours. Contains no input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

const UPLOADS: &str = "uploads/";
const AVATARS: &str = "avatars/";
const SUFFIX: &str = ".webp";

impl BlobKey {
    /// The key of an uploaded file, known before its bytes are. No URL leads to it.
    #[must_use]
    pub fn original(upload: AvatarUploadId) -> Self {
        Self(format!("{UPLOADS}{upload}"))
    }

    /// The key of a rendition, a part of its public URL.
    ///
    /// The hash includes the upload: the same picture of two accounts is two objects, so that one can
    /// be deleted alone, and the URLs do not reveal that the pictures are the same.
    #[must_use]
    pub fn rendition(upload: AvatarUploadId, bytes: &[u8]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(upload.0.as_bytes());
        hash.update(bytes);
        Self(format!("{AVATARS}{}{SUFFIX}", hex::encode(hash.finish().as_ref())))
    }

    /// The rendition with this name in its public URL, if the name is well-formed.
    #[must_use]
    pub fn from_public(name: &str) -> Option<Self> {
        let hash = name.strip_suffix(SUFFIX)?;
        hex::is_hex(hash, 64).then(|| Self(format!("{AVATARS}{name}")))
    }

    /// A stored key.
    #[must_use]
    pub const fn from_row(key: String) -> Self {
        Self(key)
    }

    /// The name of a rendition in its public URL: the part after the last slash.
    #[must_use]
    pub fn public(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The whole key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_depends_on_upload_and_bytes() {
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
        fn every_public_name_stays_in_its_folder(name in "[./\\\\a-f0-9%]{0,80}(\\.webp)?|\\PC{0,80}") {
            if let Some(key) = BlobKey::from_public(&name) {
                prop_assert!(key.as_str().bytes().filter(|byte| *byte == b'/').count() == 1);
                prop_assert_eq!(key.public(), name);
            }
        }
    }
}
