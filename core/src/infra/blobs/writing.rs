//! Objects whose bytes come piece by piece.

use std::sync::Arc;

use object_store::{ObjectStore, buffered::BufWriter, path::Path};
use tokio::{io::AsyncWriteExt as _, runtime::Handle, sync::OwnedSemaphorePermit};

use super::within;
use crate::{Error, Result};

/// An object that is being written. It is there when [`finish`](Self::finish) has returned, all of
/// it. Dropped before, whatever the cause, it leaves nothing behind: what has been written is
/// removed again in the background.
///
/// In memory are the bytes that have not been written yet: of a folder's object 256 KiB, of a
/// bucket's 5 MiB, which is the least that S3 takes as a part, and as many again while a part is on
/// its way.
///
/// A process that is killed meanwhile leaves a file beside the object's place in a folder, which
/// [`delete`](super::Blobs::delete) removes, and in a bucket, of an object of more than 5 MiB,
/// parts that nobody sees: for those the bucket needs a rule that ends unfinished uploads.
pub(crate) struct Writing(Option<(BufWriter, OwnedSemaphorePermit)>);

/// So many bytes are written to a folder at once.
const FOLDER_PIECE_BYTES: usize = 256 << 10;
/// The least that S3 takes as a part that is not the last one.
const BUCKET_PIECE_BYTES: usize = 5 << 20;

impl Writing {
    /// `place` is free again when nothing of the object is in memory any more.
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        path: Path,
        is_folder: bool,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let piece_bytes = if is_folder { FOLDER_PIECE_BYTES } else { BUCKET_PIECE_BYTES };
        let writer = BufWriter::with_capacity(store, path, piece_bytes);
        Self(Some((writer.with_max_concurrency(1), place)))
    }

    /// Writes what comes next.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away or full.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((writer, _)) = &mut self.0 else { return Ok(()) };
        within(writer.write_all(bytes)).await
    }

    /// Makes it an object.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store is away or full.
    pub(crate) async fn finish(mut self) -> Result<()> {
        let Some((mut writer, _place)) = self.0.take() else { return Ok(()) };
        within(writer.shutdown()).await
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let (Some((mut writer, place)), Ok(runtime)) = (self.0.take(), Handle::try_current())
        else {
            return;
        };
        // Detached: whoever was to wait for it may be gone. Bounded by itself.
        runtime.spawn(async move {
            let _place = place;
            if let Err(Error::Unavailable(cause)) = within(writer.abort()).await {
                let error = format!("{cause:#}");
                tracing::warn!(error, "parts of an upload that was cut off are still in the store");
            }
        });
    }
}
