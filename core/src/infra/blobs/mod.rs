//! Where pictures are kept: a folder, or a bucket that speaks S3.
//!
//! Objects are only ever written under fresh names that we make (OWASP ASVS 5.0, 5.3.2) and removed,
//! never changed. Which there are
//! stands in the table `blobs`; this is but the way to their bytes.

mod writing;

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions,
    RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use url::Url;

use crate::{Error, Refusal, Result, domain::BlobKey, settings};
pub(crate) use writing::Writing;

/// The blob store of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where the objects are, if they are in a folder. Those in a bucket, which may be public,
    /// carry a media type of their own.
    folder: Option<PathBuf>,
    /// Objects that may be written piece by piece at the same time.
    places: Arc<Semaphore>,
}

/// Objects that may be written piece by piece at the same time.
const PLACES: usize = 8;
/// For so long one operation is tried.
const BLOB_TIMEOUT: Duration = Duration::from_secs(5);

impl Blobs {
    /// Opens the store. A folder is made if it is not there; a bucket need not be reachable yet.
    ///
    /// # Errors
    ///
    /// If the folder can be neither found nor made, or the settings of the bucket make no sense.
    pub fn new(settings: &settings::Blobs) -> anyhow::Result<Self> {
        let (store, folder): (Arc<dyn ObjectStore>, _) = match &settings.place {
            settings::Place::Folder(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("BLOB_URL: making {}", folder.display()))?;
                let store = LocalFileSystem::new_with_prefix(folder).context("BLOB_URL")?;
                // What is told to be written is on disk before the answer.
                (Arc::new(store.with_fsync(true)), Some(folder.clone()))
            }
            settings::Place::Bucket { name, prefix } => {
                let store = bucket(settings, name).context("BLOB_URL")?;
                (Arc::new(PrefixStore::new(store, prefix.as_str())), None)
            }
        };
        Ok(Self { store, folder, places: Arc::new(Semaphore::new(PLACES)) })
    }

    /// Writes an object. Whoever reads finds all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away or full.
    pub async fn put(&self, key: &BlobKey, bytes: Vec<u8>) -> Result<()> {
        let mut options = PutOptions::default();
        if self.folder.is_none() && key.as_str().ends_with(".webp") {
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

    /// Begins to write an object whose bytes are still to come.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if eight are being written already: what they hold in memory is bounded.
    pub(crate) fn begin(&self, key: &BlobKey) -> Result<Writing> {
        let retry_after = Duration::from_secs(1);
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Refusal::Busy { retry_after })?;
        Ok(Writing::new(Arc::clone(&self.store), path(key), self.folder.is_some(), place))
    }

    /// Removes an object, and what a writer that died has left of it in a folder; one that is not
    /// there is no mistake.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away.
    pub async fn delete(&self, key: &BlobKey) -> Result<()> {
        let path = path(key);
        absent_as_none(within_store(self.store.delete(&path)).await)?;
        if let Some(folder) = &self.folder {
            remove_unfinished(folder.join(key.as_str())).map_err(away)?;
        }
        Ok(())
    }
}

fn bucket(settings: &settings::Blobs, name: &str) -> anyhow::Result<impl ObjectStore> {
    let options = ClientOptions::new()
        .with_timeout(BLOB_TIMEOUT)
        .with_connect_timeout(Duration::from_secs(2));
    let retry =
        RetryConfig { max_retries: 2, retry_timeout: BLOB_TIMEOUT, ..RetryConfig::default() };
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

/// `object_store` writes a file beside its place, as `<name>#<n>`, and renames it when it is whole.
fn remove_unfinished(place: PathBuf) -> io::Result<()> {
    for n in 1_u32.. {
        let mut unfinished = place.clone().into_os_string();
        unfinished.push(format!("#{n}"));
        match fs::remove_file(unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            removed => removed?,
        }
    }
    Ok(())
}

fn path(key: &BlobKey) -> Path {
    Path::from(key.as_str())
}

async fn within_store<T>(work: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(BLOB_TIMEOUT, work)
        .await
        .map_err(|_| Error::Unavailable(anyhow::anyhow!("the blob store took too long")))
}

async fn within<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    within_store(work).await?.map_err(away)
}

fn absent_as_none<T>(found: Result<object_store::Result<T>>) -> Result<Option<T>> {
    match found? {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(away(error)),
    }
}

fn away(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unavailable(anyhow::Error::new(error).context("the blob store"))
}
