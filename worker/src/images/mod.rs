//! Makes three square renditions of an uploaded picture (OWASP ASVS 5.0, 5.2.2, 5.2.6 and 14.2.8;
//! File Upload Cheat Sheet). Pure: no I/O, no clock.
//!
//! The upload itself is never served, so a file is a picture if it decodes within the limits,
//! whatever else it contains.
//!
//! | what | how |
//! |---|---|
//! | formats | JPEG, PNG and WebP, recognised by content; one still picture in each |
//! | limits | [`MAX_PIXELS`], [`MAX_SIDE_PX`], [`MAX_MEMORY_BYTES`], [`MAX_SCANS`]: checked before anything is decoded |
//! | crop | the largest square in the middle |
//! | sizes | [`SIZES_PX`], always: a smaller picture is enlarged |
//! | orientation | applied (Exif 2.32, tag 0x0112), all eight |
//! | colours | an embedded ICC profile of an RGB picture is converted to sRGB; without one, sRGB is assumed; a broken profile, and one of a grey or CMYK picture, is ignored |
//! | transparency | kept |
//! | metadata | none: renditions are made from pixels alone |
//!
//! The decoders are written in Rust with hardly any unsafe code, because their input is hostile: a
//! defect in them is a panic, which is caught, and not code execution. JPEGs are decoded at a half, a
//! quarter or an eighth of their size (the inverse DCT of fewer coefficients), so most of the time
//! goes into Huffman decoding. Only the encoder is C (libwebp): its input is pixels that we made, in
//! sizes that we chose.
//!
//! Cost on one of two busy cores (`make bench-avatars`, without link-time optimisation):
//!
//! | picture | ms | MiB of memory |
//! |---|---|---|
//! | JPEG, 12 megapixels | 42 | 6 |
//! | progressive JPEG, 12 | 118 | 85 |
//! | PNG, 4 | 45 | 19 |
//! | WebP, 12 | 266 | 54 |
//! | JPEG, 50 (the limits from here on) | 147 | 6 |
//! | progressive JPEG of [`MAX_SCANS`] scans, 40 | 287 | 125 |
//! | interlaced PNG, 33 | 713 | 100 |
//! | WebP, 19 | 446 | 85 |
//! | lossless WebP, 16 | 338 | 112 |

mod colour;
mod jpeg;
mod png;
mod reason;
mod squares;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage, metadata::Orientation};
use keyward_core::domain::PictureFormat;

pub use reason::Reason;

/// Sides of the renditions in pixels, the largest first.
pub const SIZES_PX: [u32; 3] = [512, 256, 64];
/// Maximum number of pixels of an upload.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Maximum length of the longer side in pixels; also the maximum that WebP allows.
pub const MAX_SIDE_PX: u32 = 16_384;
/// Maximum number of bytes that decoding may use, predicted from the header. A JPEG is decoded in
/// parts and needs little. A progressive JPEG, a PNG and a WebP need all their pixels at once, which
/// limits them to about 16 to 44 megapixels.
pub const MAX_MEMORY_BYTES: u64 = 128 << 20;
/// Maximum number of scans of a JPEG. Encoders write about ten; the time of each depends on the
/// number of pixels, not on its bytes.
pub const MAX_SCANS: usize = 64;

/// The renditions of one picture: WebP files in the order of [`SIZES_PX`].
pub type Renditions = [Vec<u8>; 3];

/// The output of a decoder.
struct Decoded {
    picture: DynamicImage,
    icc_profile: Option<Vec<u8>>,
    orientation: Orientation,
}

/// Makes the renditions.
///
/// The same bytes always give the same renditions. Blocks for a time in proportion to the number of
/// pixels, and uses at most [`MAX_MEMORY_BYTES`] and a few megabytes of memory.
///
/// # Errors
///
/// The reason, in words for the person who uploaded the picture. A panic of a decoder is
/// [`Reason::Undecodable`].
pub fn renditions(bytes: &[u8]) -> Result<Renditions, Reason> {
    // The decoders share nothing but the bytes, so a panic leaves no state half-changed.
    catch_unwind(AssertUnwindSafe(|| make(bytes))).unwrap_or(Err(Reason::Undecodable))
}

fn make(bytes: &[u8]) -> Result<Renditions, Reason> {
    let Decoded { picture, icc_profile, orientation } = match PictureFormat::of(bytes) {
        Some(PictureFormat::Jpeg) => jpeg::decode(bytes)?,
        Some(PictureFormat::Png) => png::decode(bytes)?,
        Some(PictureFormat::WebP) => webp::decode(bytes)?,
        None => return Err(Reason::NotAPicture),
    };
    let largest = squares::crop(picture)?;
    let mut largest = colour::to_srgb(largest, icc_profile.as_deref());
    largest.apply_orientation(orientation);
    squares::encode(largest)
}

/// Returns the number of pixels, or refuses a picture that is too large. Decoders call it before they
/// decode pixels.
fn check_size(width: u32, height: u32) -> Result<u64, Reason> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Reason::Damaged),
        pixels if pixels > MAX_PIXELS => Err(Reason::TooManyPixels),
        _ if width.max(height) > MAX_SIDE_PX => Err(Reason::TooLong),
        pixels => Ok(pixels),
    }
}

/// Refuses a picture that needs too much memory. Decoders call it before they decode pixels.
fn check_memory(bytes: u64) -> Result<(), Reason> {
    if bytes > MAX_MEMORY_BYTES { Err(Reason::TooMuchMemory) } else { Ok(()) }
}

/// The picture with these samples. Of two or four samples per pixel the last one is alpha.
fn picture(
    width: u32,
    height: u32,
    samples: usize,
    pixels: Vec<u8>,
) -> Result<DynamicImage, Reason> {
    let picture = match samples {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        2 => GrayAlphaImage::from_raw(width, height, pixels).map(DynamicImage::from),
        3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        4 => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => None,
    };
    picture.ok_or(Reason::Damaged)
}

/// The orientation in the Exif data; upright if it is missing or invalid.
fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

#[cfg(test)]
mod tests;
