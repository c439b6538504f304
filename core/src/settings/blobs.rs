//! Settings of pictures and of the place where they are kept.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

/// Pictures of accounts.
#[derive(Debug)]
pub struct Avatars {
    /// `AVATAR_MAX_BYTES`: bytes of an upload at most; default 5 MiB.
    pub max_bytes: usize,
    /// `AVATAR_PUBLIC_URL`: where the bucket's folder `avatars/` is public; requests for pictures
    /// are sent there. Default: the API serves them itself.
    pub public_url: Option<Url>,
}

/// Where objects are kept.
#[derive(Debug)]
pub struct Blobs {
    /// `BLOB_URL`: `file:` and a path, or `s3://bucket/prefix`; default
    /// `file:///var/lib/keyward/blobs`.
    pub place: Place,
    /// `BLOB_S3_ENDPOINT`: of a server that speaks S3; default Amazon's.
    pub endpoint: Option<Url>,
    /// `BLOB_S3_REGION`: default `us-east-1`.
    pub region: String,
    /// `BLOB_S3_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `BLOB_S3_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
}

/// A place for objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder that API and worker share.
    Folder(PathBuf),
    /// A bucket, and a prefix in it, which may be empty.
    Bucket {
        /// Its name.
        name: String,
        /// What all names of objects begin with.
        prefix: String,
    },
}

impl std::str::FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err("names no folder")
            } else {
                Ok(Self::Folder(path.into()))
            };
        }
        let bucket =
            text.strip_prefix("s3://").ok_or("must be file:<path> or s3://bucket/prefix")?;
        let (name, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        if name.is_empty() {
            return Err("names no bucket");
        }
        Ok(Self::Bucket { name: name.into(), prefix: prefix.trim_end_matches('/').into() })
    }
}

impl Avatars {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            max_bytes: env.at_least("AVATAR_MAX_BYTES", "5242880", 1024),
            public_url: env.optional("AVATAR_PUBLIC_URL"),
        }
    }
}

impl Blobs {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        let blobs = Self {
            place: env.value("BLOB_URL", "file:///var/lib/keyward/blobs"),
            endpoint: env.optional("BLOB_S3_ENDPOINT"),
            region: env.value("BLOB_S3_REGION", "us-east-1"),
            access_key_id: env.value("BLOB_S3_ACCESS_KEY_ID", ""),
            secret_access_key: env.optional_secret("BLOB_S3_SECRET_ACCESS_KEY"),
        };
        let is_bucket = matches!(blobs.place, Place::Bucket { .. });
        if is_bucket && blobs.access_key_id.is_empty() {
            env.mistake("BLOB_S3_ACCESS_KEY_ID is not set, and BLOB_URL is a bucket");
        }
        blobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let folder = |path: &str| Ok(Place::Folder(path.into()));
        assert_eq!("file:///var/lib/blobs".parse(), folder("/var/lib/blobs"));
        assert_eq!("file:blobs".parse(), folder("blobs"));
        let bucket = |name: &str, prefix: &str| {
            Ok(Place::Bucket { name: name.into(), prefix: prefix.into() })
        };
        assert_eq!("s3://pictures".parse(), bucket("pictures", ""));
        assert_eq!("s3://pictures/of/us/".parse(), bucket("pictures", "of/us"));
        for odd in ["", "file:", "s3://", "/var/lib", "https://example.org"] {
            assert!(odd.parse::<Place>().is_err(), "{odd}");
        }
    }
}
