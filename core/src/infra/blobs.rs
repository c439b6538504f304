//! Storage of pictures: a folder, or an S3 bucket.
//!
//! Objects are written under new names that Keyward makes (OWASP ASVS 5.0, 5.3.2) and deleted, never
//! changed. The table `blobs` lists them.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use futures_util::{FutureExt as _, TryFutureExt as _};
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions,
    RetryConfig, aws::AmazonS3Builder, buffered::BufWriter, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use secrecy::ExposeSecret as _;
use tokio::{
    io::AsyncWriteExt as _,
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use url::Url;

use crate::{Error, Refusal, Result, domain::BlobKey, settings};

/// The blob store of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
    /// The folder, if the objects are in one. Objects in a bucket, which may be public, have a media
    /// type of their own.
    folder: Option<PathBuf>,
    /// One permit per object being written piece by piece.
    writers: Arc<Semaphore>,
}

/// Maximum number of objects being written piece by piece.
const MAX_WRITERS: usize = 8;
/// Timeout of one operation.
const BLOB_TIMEOUT: Duration = Duration::from_secs(5);

impl BlobStore {
    /// Opens the store. Creates a missing folder; a bucket may still be unreachable.
    ///
    /// # Errors
    ///
    /// If the folder cannot be created, or the settings of the bucket are invalid.
    pub fn new(settings: &settings::Blobs) -> anyhow::Result<Self> {
        let (store, folder): (Arc<dyn ObjectStore>, _) = match &settings.place {
            settings::Place::Folder(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("BLOB_URL: making {}", folder.display()))?;
                let store = LocalFileSystem::new_with_prefix(folder).context("BLOB_URL")?;
                // Objects are on disk before the answer.
                (Arc::new(store.with_fsync(true)), Some(folder.clone()))
            }
            settings::Place::Bucket { name, prefix } => {
                let store = bucket(settings, name).context("BLOB_URL")?;
                (Arc::new(PrefixStore::new(store, prefix.as_str())), None)
            }
        };
        Ok(Self { store, folder, writers: Arc::new(Semaphore::new(MAX_WRITERS)) })
    }

    /// Writes an object. Readers see all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is unavailable or full.
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

    /// Reads an object, if it exists.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is unavailable.
    pub async fn get(&self, key: &BlobKey) -> Result<Option<Vec<u8>>> {
        let path = path(key);
        let read = self.store.get(&path).and_then(|found| found.bytes());
        Ok(within(read.map(none_if_missing)).await?.map(Vec::from))
    }

    /// Begins to write an object piece by piece.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if eight objects are being written: this bounds the memory they take.
    pub(crate) fn begin(&self, key: &BlobKey) -> Result<Writing> {
        let permit = Arc::clone(&self.writers).try_acquire_owned();
        let permit = permit.map_err(|_| Refusal::Busy(Duration::from_secs(1)))?;
        Ok(Writing::new(Arc::clone(&self.store), path(key), self.folder.is_some(), permit))
    }

    /// Deletes an object, and in a folder also what a killed writer has left of it. A missing object is
    /// not an error.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is unavailable.
    pub async fn delete(&self, key: &BlobKey) -> Result<()> {
        let path = path(key);
        within(self.store.delete(&path).map(none_if_missing)).await?;
        if let Some(folder) = &self.folder {
            remove_unfinished(folder.join(key.as_str())).map_err(unavailable)?;
        }
        Ok(())
    }
}

/// An object being written. It exists once [`finish`](Self::finish) has returned. If it is dropped
/// earlier, its pieces are deleted in the background.
///
/// Buffers up to 256 KiB for a folder and 5 MiB for a bucket (the minimum size of a part in S3), and as
/// much again while a part is being sent.
///
/// A process that is killed leaves an unfinished file in a folder, which
/// [`delete`](BlobStore::delete) removes, or invisible parts of an object of more than 5 MiB in a
/// bucket: the bucket needs a lifecycle rule that aborts unfinished uploads.
pub(crate) struct Writing(Option<(BufWriter, OwnedSemaphorePermit)>);

/// Size of a write to a folder.
const FOLDER_PIECE_BYTES: usize = 256 << 10;
/// Minimum size of a part in S3, the last one excepted.
const BUCKET_PIECE_BYTES: usize = 5 << 20;

impl Writing {
    /// `permit` is released when the object is no longer in memory.
    fn new(
        store: Arc<dyn ObjectStore>,
        path: Path,
        is_folder: bool,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let piece_bytes = if is_folder { FOLDER_PIECE_BYTES } else { BUCKET_PIECE_BYTES };
        let writer = BufWriter::with_capacity(store, path, piece_bytes);
        Self(Some((writer.with_max_concurrency(1), permit)))
    }

    /// Writes the next piece.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is unavailable or full.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((writer, _)) = &mut self.0 else { return Ok(()) };
        within(writer.write_all(bytes)).await
    }

    /// Completes the object.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is unavailable or full.
    pub(crate) async fn finish(mut self) -> Result<()> {
        let Some((mut writer, _permit)) = self.0.take() else { return Ok(()) };
        within(writer.shutdown()).await
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let (Some((mut writer, permit)), Ok(runtime)) = (self.0.take(), Handle::try_current())
        else {
            return;
        };
        // Detached, because the request may be gone. Bounded by the timeout of the store.
        runtime.spawn(async move {
            let _permit = permit;
            if let Err(Error::Unavailable(cause)) = within(writer.abort()).await {
                let error = format!("{cause:#}");
                tracing::warn!(error, "parts of an aborted upload are still in the store");
            }
        });
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
        .with_access_key_id(&settings.access_key_id);
    if let Some(key) = &settings.secret_access_key {
        builder = builder.with_secret_access_key(key.expose_secret());
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(Url::scheme(endpoint) == "http");
    }
    Ok(builder.build()?)
}

/// Deletes unfinished files: `object_store` writes `<name>#<n>` and renames it when it is complete.
fn remove_unfinished(path: PathBuf) -> io::Result<()> {
    for n in 1_u32.. {
        let mut unfinished = path.clone().into_os_string();
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

/// Waits for the store. Its errors are outages.
async fn within<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T>
where
    E: Into<anyhow::Error>,
{
    match tokio::time::timeout(BLOB_TIMEOUT, work).await {
        Ok(done) => done.map_err(unavailable),
        Err(late) => Err(unavailable(late)),
    }
}

fn none_if_missing<T>(found: object_store::Result<T>) -> object_store::Result<Option<T>> {
    match found {
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        found => found.map(Some),
    }
}

fn unavailable(error: impl Into<anyhow::Error>) -> Error {
    Error::Unavailable(error.into().context("the blob store"))
}
