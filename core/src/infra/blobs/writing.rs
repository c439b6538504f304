//! Writing objects piece by piece.

use std::sync::Arc;

use object_store::{ObjectStore, buffered::BufWriter, path::Path};
use tokio::{io::AsyncWriteExt as _, runtime::Handle, sync::OwnedSemaphorePermit};

use super::within;
use crate::{Error, Result};

/// An object being written. It exists once [`finish`](Self::finish) has returned. If it is dropped
/// earlier, its pieces are deleted in the background.
///
/// Buffers up to 256 KiB for a folder and 5 MiB for a bucket (the minimum size of a part in S3), and as
/// much again while a part is being sent.
///
/// A process that is killed leaves an unfinished file in a folder, which
/// [`delete`](super::Blobs::delete) removes, or invisible parts of an object of more than 5 MiB in a
/// bucket: the bucket needs a lifecycle rule that aborts unfinished uploads.
pub(crate) struct Writing(Option<(BufWriter, OwnedSemaphorePermit)>);

/// Size of a write to a folder.
const FOLDER_PIECE_BYTES: usize = 256 << 10;
/// Minimum size of a part in S3, the last one excepted.
const BUCKET_PIECE_BYTES: usize = 5 << 20;

impl Writing {
    /// `permit` is released when the object is no longer in memory.
    pub(super) fn new(
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
