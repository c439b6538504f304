//! Generated images: photo-like ones, and parts of hostile ones.

use std::io::{Read as _, Write as _};

use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The signature of PNG.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// A photo-like image: shapes of every size and sensor noise, so that it compresses like a photo.
/// The same size gives the same image.
#[must_use]
pub fn photo(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let lattice: Vec<f32> = (0..256 * 256).map(|_| (random() % 1000) as f32 / 1000.0).collect();
    let at = |x: usize, y: usize| lattice[(y & 255) * 256 + (x & 255)];
    let smooth = |x: f32, y: f32| {
        let (left, top) = (x as usize, y as usize);
        let (dx, dy) = (x.fract(), y.fract());
        let upper = at(left, top) * (1.0 - dx) + at(left + 1, top) * dx;
        let lower = at(left, top + 1) * (1.0 - dx) + at(left + 1, top + 1) * dx;
        upper * (1.0 - dy) + lower * dy
    };
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32 * 6.0, y as f32 / height as f32 * 6.0);
        let octave =
            |n: i32| 0.5 * 0.55_f32.powi(n) * smooth(u * 2.1_f32.powi(n), v * 2.1_f32.powi(n));
        let light: f32 = (0..7).map(octave).sum();
        let noise = ((random() & 15) as f32 - 7.5) * 0.6;
        let channel = |k: f32| (light * k * 200.0 + noise + 20.0 * (u * k).sin()) as u8;
        Rgb([channel(1.0), channel(0.85), channel(0.6)])
    })
}

/// Encodes like a camera: baseline, chroma at half the resolution.
#[must_use]
pub fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    encode_jpeg(picture, quality, |encoder| encoder.set_sampling_factor(SamplingFactor::F_2_2))
}

/// Encodes a progressive JPEG.
#[must_use]
pub fn progressive_jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    encode_jpeg(picture, quality, |encoder| encoder.set_progressive(true))
}

/// A progressive JPEG with this number of scans.
#[must_use]
pub fn jpeg_of_passes(picture: &RgbImage, passes: usize) -> Vec<u8> {
    let jpeg = progressive_jpeg(picture, 80);
    let is_scan = |at: &usize| jpeg[*at..].starts_with(&[0xff, 0xda]);
    let scans: Vec<usize> = (0..jpeg.len()).filter(is_scan).collect();
    let (last, end) = (*scans.last().unwrap(), jpeg.len() - 2);
    let again = jpeg[last..end].repeat(passes - scans.len());
    [&jpeg[..end], &again, &jpeg[end..]].concat()
}

fn encode_jpeg(
    picture: &RgbImage,
    quality: u8,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    set(&mut encoder);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture, width, height, ColorType::Rgb).unwrap();
    bytes
}

/// A CMYK JPEG, as Adobe's programs write it.
#[must_use]
pub fn cmyk_jpeg(pixel: [u8; 4], side: u16) -> Vec<u8> {
    let pixels = pixel.repeat(usize::from(side) * usize::from(side));
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 95).encode(&pixels, side, side, ColorType::Cmyk).unwrap();
    bytes
}

/// Inserts a segment after the start of a JPEG; `marker` is `0xe1` for APP1, `0xfe` for a comment.
#[must_use]
pub fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

/// Puts bytes that belong to no segment before the frame header of a JPEG.
#[must_use]
pub fn with_stray_bytes(jpeg: &[u8], stray: &[u8]) -> Vec<u8> {
    let is_frame = |at: &usize| matches!(jpeg[*at..], [0xff, 0xc0 | 0xc2, ..]);
    let at = (0..jpeg.len()).find(is_frame).unwrap();
    [&jpeg[..at], stray, &jpeg[at..]].concat()
}

/// Exif with an orientation only, 1 to 8 (Exif 2.32, tag 0x0112).
#[must_use]
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

/// A JPEG with an orientation.
#[must_use]
pub fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    with_segment(jpeg, 0xe1, &[b"Exif\0\0", &exif(orientation)[..]].concat())
}

/// A PNG, with or without alpha.
#[must_use]
pub fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    let has_alpha = picture.color().has_alpha();
    encoder.set_color(if has_alpha { png::ColorType::Rgba } else { png::ColorType::Rgb });
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(picture.as_bytes()).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A PNG of one colour, eight bytes per pixel, written row by row: it compresses to a thousandth.
#[must_use]
pub fn flat_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Sixteen);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![128; width as usize * 8];
    (0..height).for_each(|_| rows.write_all(&row).unwrap());
    rows.finish().unwrap();
    drop(writer);
    bytes
}

/// An interlaced PNG: the seven passes of Adam7 (W3C PNG, section 8.1), unfiltered.
#[must_use]
pub fn interlaced_png(picture: &RgbImage) -> Vec<u8> {
    const PASSES: [[usize; 4]; 7] = [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
    ];
    let (width, height) = picture.dimensions();
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::fast());
    for [left, top, across, down] in PASSES {
        for y in (top as u32..height).step_by(down) {
            let row: Vec<u8> = (left as u32..width)
                .step_by(across)
                .flat_map(|x| picture.get_pixel(x, y).0)
                .collect();
            if !row.is_empty() {
                pixels.write_all(&[0]).unwrap();
                pixels.write_all(&row).unwrap();
            }
        }
    }
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 1]].concat();
    let pixels = chunk(b"IDAT", &pixels.finish().unwrap());
    [&SIGNATURE[..], &chunk(b"IHDR", &header), &pixels, &chunk(b"IEND", b"")].concat()
}

/// The content of a PNG chunk with a colour profile that unpacks to this number of zeros.
#[must_use]
pub fn profile_bomb(bytes: usize) -> Vec<u8> {
    let mut zeros = ZlibEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut std::io::repeat(0).take(bytes as u64), &mut zeros).unwrap();
    [&b"bomb\0\0"[..], &zeros.finish().unwrap()].concat()
}

/// A PNG whose header claims a size without the pixels.
#[must_use]
pub fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let (header, pixels) = (chunk(b"IHDR", &header), chunk(b"IDAT", b"x"));
    [&SIGNATURE[..], &header, &pixels, &chunk(b"IEND", b"")].concat()
}

/// Inserts a chunk after the header of a PNG.
#[must_use]
pub fn with_chunk(png: &[u8], kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    const HEADER_ENDS: usize = 33;
    [&png[..HEADER_ENDS], &chunk(kind, body)[..], &png[HEADER_ENDS..]].concat()
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut checksum = Crc::new();
    checksum.update(kind);
    checksum.update(body);
    [&length[..], kind, body, &checksum.sum().to_be_bytes()].concat()
}

/// A WebP, lossy or lossless.
#[must_use]
pub fn webp(picture: &DynamicImage, is_lossy: bool) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(picture.as_bytes(), width, height)
    } else {
        webp::Encoder::from_rgb(picture.as_bytes(), width, height)
    };
    let encoded = if is_lossy { encoder.encode(80.0) } else { encoder.encode_lossless() };
    encoded.to_vec()
}

/// A WebP of these chunks.
#[must_use]
pub fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, bytes) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        body.extend(*bytes);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// A lossy WebP whose header claims a size: a pixel flood of thirty bytes.
#[must_use]
pub fn webp_of_size(width: u16, height: u16) -> Vec<u8> {
    let [w0, w1] = width.to_le_bytes();
    let [h0, h1] = height.to_le_bytes();
    riff(&[(b"VP8 ", &[0x10, 0, 0, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, 0, 0])])
}
