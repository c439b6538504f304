//! The one thing that is read from Exif.

use image::metadata::Orientation;

/// What the tag of the orientation says; upright if there is none, or a senseless one.
pub(super) fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}
