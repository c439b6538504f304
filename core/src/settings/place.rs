//! Where objects are stored.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

settings! {
    /// Where avatars are stored.
    #[derive(Debug)]
    pub struct Blobs {
        /// `file:` and a directory shared by API and worker, or `s3://bucket/prefix`.
        place: Place = value("BLOB_URL", "file:///var/lib/keyward/blobs"),
        /// Endpoint of an S3 server. If empty, Amazon S3.
        endpoint: Option<Url> = optional_http("BLOB_S3_ENDPOINT"),
        /// Region of the bucket.
        region: String = value("BLOB_S3_REGION", "us-east-1"),
        /// Access key id for the bucket.
        access_key_id: String = value("BLOB_S3_ACCESS_KEY_ID", ""),
        /// Secret access key for the bucket.
        secret_access_key: Option<SecretString> = optional_secret("BLOB_S3_SECRET_ACCESS_KEY"),
    }
}

/// A place for objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder that API and worker share.
    Folder(PathBuf),
    /// A bucket.
    Bucket {
        /// Name of the bucket.
        name: String,
        /// Prefix of all object names; may be empty.
        prefix: String,
    },
}

impl std::str::FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err("names no folder"),
                path => Ok(Self::Folder(path.into())),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_a_folder_or_a_bucket() {
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
