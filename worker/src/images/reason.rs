//! Why an image is refused.

/// Why an image is refused, in words for the person who uploaded it. Final: the same bytes are
/// always refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Its first bytes match no accepted format.
    #[error("the file is not a JPEG, PNG or WebP image")]
    NotAPicture,
    /// APNG, or a WebP with frames.
    #[error("the image is animated; only still images can be used")]
    Animated,
    /// More than [`MAX_PIXELS`](super::MAX_PIXELS).
    #[error("the image has more than 50 megapixels")]
    TooManyPixels,
    /// Longer than [`MAX_SIDE_PX`](super::MAX_SIDE_PX).
    #[error("the image is more than 16384 pixels wide or high")]
    TooLong,
    /// More than [`MAX_MEMORY_BYTES`](super::MAX_MEMORY_BYTES).
    #[error("the image needs too much memory to be decoded; save it smaller, or as a plain JPEG")]
    TooMuchMemory,
    /// More than [`MAX_SCANS`](super::MAX_SCANS).
    #[error("the image is stored in an unusual number of scans; save it as a plain JPEG")]
    TooManyScans,
    /// It ends before its last pixel.
    #[error("the file is not complete: its end is missing")]
    Truncated,
    /// A variant of its format that hardly any program writes.
    #[error(
        "the image uses a variant of its format that is not supported; save it in another program"
    )]
    Unsupported,
    /// It violates its format.
    #[error("the file is damaged")]
    Damaged,
    /// The decoder panicked: a defect of ours. Another attempt would panic again.
    #[error("the image cannot be decoded")]
    Undecodable,
}
