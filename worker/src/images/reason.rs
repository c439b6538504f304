//! Why there are no renditions, in words for whoever uploaded the picture.

/// Why there are no renditions. Final: the same bytes will never do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Its first bytes are those of nothing we take.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// APNG, or a WebP with frames.
    #[error("the picture is animated; only still pictures can be used")]
    Animated,
    /// See [`MAX_PIXELS`](super::MAX_PIXELS).
    #[error("the picture has more than 50 megapixels")]
    TooManyPixels,
    /// See [`MAX_SIDE_PX`](super::MAX_SIDE_PX).
    #[error("the picture is more than 16384 pixels wide or high")]
    TooLong,
    /// See [`MAX_MEMORY_BYTES`](super::MAX_MEMORY_BYTES).
    #[error("the picture needs too much memory to be decoded; save it smaller, or as a plain JPEG")]
    TooMuchMemory,
    /// See [`MAX_SCANS`](super::MAX_SCANS).
    #[error("the picture is stored in an unusual number of passes; save it as a plain JPEG")]
    TooManyScans,
    /// It ends too early.
    #[error("the file is not complete: its end is missing")]
    Truncated,
    /// Something stands behind the end of the picture, or inside it, that is no part of a picture.
    #[error("the file holds something else beside the picture; save it anew and try again")]
    Polyglot,
    /// A kind of picture that hardly any program writes.
    #[error("the picture uses a variant of its format that is not supported; save it anew")]
    Unsupported,
    /// It contradicts its format.
    #[error("the file is damaged")]
    Damaged,
    /// The decoder panicked: a defect of ours, and no reason to try it again.
    #[error("the picture cannot be decoded")]
    Undecodable,
}
