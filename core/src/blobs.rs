//! Where pictures are kept: a folder, or a bucket that speaks S3.
//!
//! Objects are only ever written under fresh names that we make (OWASP ASVS 5.0, 5.3.2) and removed,
//! never changed. Which there are
//! stands in the table `blobs`; this is but the way to their bytes.

use std::{fs, sync::Arc, time::Duration};

use anyhow::Context as _;
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions,
    RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{Error, Result, domain::BlobKey, settings};

/// The blob store of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Whether objects carry a media type of their own: those in buckets, which may be public.
    has_media_types: bool,
}

/// For so long one operation is tried.
const PATIENCE: Duration = Duration::from_secs(5);

impl Blobs {
    /// Opens the store. A folder is made if it is not there; a bucket need not be reachable yet.
    ///
    /// # Errors
    ///
    /// If the folder can be neither found nor made, or the settings of the bucket make no sense.
    pub fn new(settings: &settings::Blobs) -> anyhow::Result<Self> {
        match &settings.place {
            settings::Place::Folder(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("BLOB_URL: making {}", folder.display()))?;
                // What is told to be written is on disk before the answer.
                let store = LocalFileSystem::new_with_prefix(folder).context("BLOB_URL")?;
                let store = store.with_fsync(true);
                Ok(Self { store: Arc::new(store), has_media_types: false })
            }
            settings::Place::Bucket { name, prefix } => {
                let store = bucket(settings, name).context("BLOB_URL")?;
                let store = PrefixStore::new(store, prefix.as_str());
                Ok(Self { store: Arc::new(store), has_media_types: true })
            }
        }
    }

    /// Writes an object. Whoever reads finds all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away or full.
    pub async fn put(&self, key: &BlobKey, bytes: Vec<u8>) -> Result<()> {
        let mut options = PutOptions::default();
        if self.has_media_types && key.as_str().ends_with(".webp") {
            options.attributes = Attributes::from_iter([
                (Attribute::ContentType, "image/webp"),
                (Attribute::CacheControl, "public, max-age=31536000, immutable"),
            ]);
        }
        within(self.store.put_opts(&path(key), bytes.into(), options)).await?;
        Ok(())
    }

    /// Reads an object, if there is one of this name.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away.
    pub async fn get(&self, key: &BlobKey) -> Result<Option<Vec<u8>>> {
        let read = async {
            let found = self.store.get(&path(key)).await?;
            found.bytes().await
        };
        Ok(absent_as_none(within_store(read).await)?.map(Vec::from))
    }

    /// Removes an object; one that is not there is no mistake.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away.
    pub async fn delete(&self, key: &BlobKey) -> Result<()> {
        let path = path(key);
        absent_as_none(within_store(self.store.delete(&path)).await)?;
        Ok(())
    }
}

fn bucket(settings: &settings::Blobs, name: &str) -> anyhow::Result<impl ObjectStore> {
    let options =
        ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(Duration::from_secs(2));
    let retry = RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(&settings.region)
        .with_client_options(options)
        .with_retry(retry)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(settings.secret_access_key.expose_secret());
    if let Some(endpoint) = &settings.endpoint {
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(Url::scheme(endpoint) == "http");
    }
    Ok(builder.build()?)
}

fn path(key: &BlobKey) -> Path {
    Path::from(key.as_str())
}

async fn within_store<T>(
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<object_store::Result<T>> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .map_err(|_| Error::Unavailable(anyhow::anyhow!("the blob store took too long")))
}

async fn within<T>(work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    within_store(work).await?.map_err(away)
}

fn absent_as_none<T>(found: Result<object_store::Result<T>>) -> Result<Option<T>> {
    match found? {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(away(error)),
    }
}

fn away(error: object_store::Error) -> Error {
    Error::Unavailable(anyhow::Error::new(error).context("the blob store"))
}
