//! From the bytes that somebody uploaded to three square pictures (OWASP ASVS 5.0, 5.2.2, 5.2.6 and
//! 14.2.8; File Upload Cheat Sheet). Pure: no I/O, no clock.
//!
//! | what | how |
//! |---|---|
//! | formats | JPEG, PNG and WebP, told by content; one still picture in each |
//! | limits | [`MAX_PIXELS`], [`MAX_SIDE_PX`], [`MAX_MEMORY_BYTES`], [`MAX_SCANS`]: read from the header before anything is decoded |
//! | polyglots | refused by the rules in `polyglot` |
//! | crop | the largest square in the middle |
//! | sizes | [`SIZES_PX`], always: a smaller picture is enlarged |
//! | orientation | applied (Exif 2.32, tag 0x0112), all eight |
//! | colours | an embedded ICC profile of an RGB picture is converted to sRGB; without one sRGB is assumed; a broken profile, and one of a grey or CMYK picture, is ignored |
//! | transparency | kept where there is any |
//! | metadata | none gets through: the renditions are made from pixels alone |
//!
//! The decoders are written in Rust and use hardly any unsafe code, because what they are fed is
//! hostile: a mistake in them is a panic, which is caught, and not somebody else's program in our
//! process. JPEGs are decoded at a half, a quarter or an eighth of their size (the inverse DCT of
//! fewer coefficients), so that most of the work is undoing the Huffman coding. Only the encoder is
//! C (libwebp): it sees nothing but pixels that we made, in sizes that we chose.
//!
//! What it costs on one core of two that others kept busy (`make bench-avatars`, here without the
//! release profile's link-time optimisation):
//!
//! | picture | ms | MiB of memory |
//! |---|---|---|
//! | JPEG, 12 megapixels | 42 | 6 |
//! | progressive JPEG, 12 | 118 | 85 |
//! | PNG, 4 | 45 | 17 |
//! | WebP, 12 | 266 | 54 |
//! | the most that is let through: JPEG, 50 | 147 | 6 |
//! | progressive JPEG of [`MAX_SCANS`] passes, 40 | 287 | 125 |
//! | flat PNG of eight bytes a pixel, 50 | 267 | 15 |
//! | interlaced PNG, 33 | 713 | 100 |
//! | WebP, 19 | 446 | 85 |
//! | lossless WebP, 16 | 338 | 112 |
//!
//! Of another JPEG's 32 ms, 23 went into decoding, at a quarter and at an eighth of the size alike:
//! the Huffman codes, which must be read whatever the size, are what bounds it.

mod colour;
mod exif;
mod jpeg;
mod png;
mod polyglot;
mod reason;
mod shrink;
mod squares;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, metadata::Orientation};
use keyward_core::domain::PictureFormat;

pub use reason::Reason;

/// Sides of the renditions in pixels, the largest first.
pub const SIZES_PX: [u32; 3] = [512, 256, 64];
/// Pixels of an upload at most.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Pixels of its longer side at most; also the most that WebP can have.
pub const MAX_SIDE_PX: u32 = 16_384;
/// Bytes that decoding may take at most, as foreseen from the header. JPEGs and PNGs are decoded
/// in pieces and need little; progressive JPEGs, interlaced PNGs and WebPs need all their pixels at
/// once, so the largest of them have about 16 to 44 megapixels.
pub const MAX_MEMORY_BYTES: u64 = 128 << 20;
/// Passes over the picture that a JPEG may make at most. Encoders make about ten; every pass costs
/// time in proportion to the pixels, however few bytes it has.
pub const MAX_SCANS: usize = 64;

/// The renditions of one picture: WebP files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renditions {
    /// In the order of [`SIZES_PX`].
    pub files: [Vec<u8>; 3],
}

/// What a header says, before anything is decoded.
#[derive(Debug)]
struct Header<'a> {
    width: u32,
    height: u32,
    /// Bytes that decoding will take.
    memory_bytes: u64,
    orientation: Orientation,
    /// Everything in the file but pixels.
    metadata: Vec<&'a [u8]>,
    /// What stands behind the end of the picture.
    rest: &'a [u8],
}

/// What came out of a decoder.
struct Decoded {
    picture: DynamicImage,
    icc_profile: Option<Vec<u8>>,
}

/// Makes the renditions.
///
/// The same bytes always give the same renditions. Takes time in proportion to the pixels and at
/// most [`MAX_MEMORY_BYTES`] and a few megabytes of memory: call it where it may block.
///
/// # Errors
///
/// The reason why not, in words for whoever uploaded it. A panic of a decoder is one, too.
pub fn renditions(bytes: &[u8]) -> Result<Renditions, Reason> {
    // Nothing is shared with the decoders but the bytes, so nothing can be left half-changed.
    catch_unwind(AssertUnwindSafe(|| make(bytes))).unwrap_or(Err(Reason::Undecodable))
}

fn make(bytes: &[u8]) -> Result<Renditions, Reason> {
    let format = PictureFormat::of(bytes).ok_or(Reason::NotAPicture)?;
    let header = match format {
        PictureFormat::Jpeg => jpeg::inspect(bytes)?,
        PictureFormat::Png => png::inspect(bytes)?,
        PictureFormat::WebP => webp::inspect(bytes)?,
    };
    check(&header)?;
    polyglot::check(bytes, format, &header)?;
    let Decoded { picture, icc_profile } = match format {
        PictureFormat::Jpeg => jpeg::decode(bytes, &header)?,
        PictureFormat::Png => png::decode(bytes, &header)?,
        PictureFormat::WebP => webp::decode(bytes, &header)?,
    };
    let largest = squares::crop(picture)?;
    let mut largest = colour::to_srgb(largest, icc_profile.as_deref());
    largest.apply_orientation(header.orientation);
    squares::encode(largest)
}

fn check(header: &Header<'_>) -> Result<(), Reason> {
    let (width, height) = (header.width, header.height);
    if width == 0 || height == 0 {
        return Err(Reason::Damaged);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Reason::TooManyPixels);
    }
    if width.max(height) > MAX_SIDE_PX {
        return Err(Reason::TooLong);
    }
    if header.memory_bytes > MAX_MEMORY_BYTES {
        return Err(Reason::TooMuchMemory);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
