//! JPEG: looked through marker by marker, then decoded at a fraction of its size.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use super::{Decoded, Header, MAX_SCANS, Reason, SIZES_PX, exif};

/// Markers (ITU-T T.81, table B.1).
const SOF_BASELINE: u8 = 0xc0;
const SOF_EXTENDED: u8 = 0xc1;
const SOF_PROGRESSIVE: u8 = 0xc2;
const DHT: u8 = 0xc4;
const DAC: u8 = 0xcc;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;
const EXIF: &[u8] = b"Exif\0\0";

/// What the header of the frame says.
struct Frame {
    width: u32,
    height: u32,
    /// Blocks of 8 x 8 samples, all components together, as if each pixel had its own.
    samples: u64,
    is_progressive: bool,
}

/// Reads the header and walks to the end of the picture; decodes nothing.
pub(super) fn inspect(bytes: &[u8]) -> Result<Header<'_>, Reason> {
    let mut frame: Option<Frame> = None;
    let mut scans = 0;
    let mut exif = None;
    let mut metadata = Vec::new();
    let mut at = 2;
    loop {
        let (marker, body, after) = segment(bytes, at)?;
        at = after;
        match marker {
            EOI => break,
            SOF_BASELINE | SOF_EXTENDED | SOF_PROGRESSIVE => {
                let None = frame else { return Err(Reason::Damaged) };
                frame = Some(parse_frame(marker, body)?);
            }
            // Lossless, hierarchical, arithmetic: nobody writes these.
            DAC | 0xc3..=0xcf if marker != DHT => return Err(Reason::Unsupported),
            SOS => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Reason::TooManyScans);
                }
                at = end_of_scan(bytes, at)?;
            }
            APP0..=APP15 | COM => {
                metadata.push(body);
                exif = exif.or_else(|| body.strip_prefix(EXIF));
            }
            _ => {}
        }
    }
    let frame = frame.ok_or(Reason::Damaged)?;
    if scans == 0 {
        return Err(Reason::Damaged);
    }
    let part = eighths(frame.width, frame.height);
    let scaled = u64::from(frame.width * part / 8 + 1) * u64::from(frame.height * part / 8 + 1);
    let coefficients = if frame.is_progressive { 2 * frame.samples } else { 0 };
    Ok(Header {
        width: frame.width,
        height: frame.height,
        // Planes and their interleaved copy, four components at most.
        memory_bytes: coefficients + 8 * scaled,
        orientation: exif::orientation(exif),
        metadata,
        rest: &bytes[at..],
    })
}

/// The marker at `at`, its parameters, and where it ends.
fn segment(bytes: &[u8], mut at: usize) -> Result<(u8, &[u8], usize), Reason> {
    if *bytes.get(at).ok_or(Reason::Truncated)? != 0xff {
        return Err(Reason::Damaged);
    }
    // Any number of fill bytes may stand before a marker.
    while *bytes.get(at).ok_or(Reason::Truncated)? == 0xff {
        at += 1;
    }
    let marker = bytes[at];
    at += 1;
    if matches!(marker, 0x01 | 0xd0..=0xd9) {
        return Ok((marker, &[], at));
    }
    let length = bytes.get(at..at + 2).ok_or(Reason::Truncated)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(Reason::Damaged);
    }
    let body = bytes.get(at + 2..at + length).ok_or(Reason::Truncated)?;
    Ok((marker, body, at + length))
}

/// Where the first marker behind the coded data is that does not belong to it.
fn end_of_scan(bytes: &[u8], from: usize) -> Result<usize, Reason> {
    let data = &bytes[from..];
    let is_end = |at: &usize| !matches!(data.get(at + 1), Some(0x00 | 0xd0..=0xd7 | 0xff));
    let end = memchr::memchr_iter(0xff, data).find(is_end).ok_or(Reason::Truncated)?;
    Ok(from + end)
}

fn parse_frame(marker: u8, body: &[u8]) -> Result<Frame, Reason> {
    let &[precision, h1, h0, w1, w0, components, ref table @ ..] = body else {
        return Err(Reason::Damaged);
    };
    if precision != 8 || !matches!(components, 1 | 3 | 4) {
        return Err(Reason::Unsupported);
    }
    if table.len() != 3 * usize::from(components) {
        return Err(Reason::Damaged);
    }
    let width = u32::from(u16::from_be_bytes([w1, w0]));
    let height = u32::from(u16::from_be_bytes([h1, h0]));
    let sampling = |spec: &[u8]| u64::from(spec[1] >> 4) * u64::from(spec[1] & 15);
    let most_across = table.chunks(3).map(|spec| u64::from(spec[1] >> 4)).max().unwrap_or(1);
    let most_down = table.chunks(3).map(|spec| u64::from(spec[1] & 15)).max().unwrap_or(1);
    let per_pixel: u64 = table.chunks(3).map(sampling).sum();
    // Rounded up to whole units of 8 x 8 times the sampling factors.
    let padded = |len: u32, factor: u64| u64::from(len).next_multiple_of(8 * factor.max(1));
    let pixels = padded(width, most_across) * padded(height, most_down);
    let samples = pixels * per_pixel / (most_across * most_down).max(1);
    Ok(Frame { width, height, samples, is_progressive: marker == SOF_PROGRESSIVE })
}

/// How many eighths of its size it is decoded at: 1, 2, 4 or 8. The shorter side stays as long as
/// the largest rendition, if it is.
fn eighths(width: u32, height: u32) -> u32 {
    let shorter = width.min(height);
    let is_enough = |part: &u32| (shorter * part).div_ceil(8) >= SIZES_PX[0];
    [1, 2, 4].into_iter().find(is_enough).unwrap_or(8)
}

/// Decodes it at a fraction of its size.
pub(super) fn decode(bytes: &[u8], header: &Header<'_>) -> Result<Decoded, Reason> {
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(super::MAX_MEMORY_BYTES as usize);
    decoder.read_info().map_err(reason)?;
    // The decoder is content when one of two lengths is reached; only the shorter one counts here.
    let enough = SIZES_PX[0] as u16;
    let (across, down) =
        if header.width <= header.height { (enough, u16::MAX) } else { (u16::MAX, enough) };
    let (width, height) = decoder.scale(across, down).map_err(reason)?;
    let pixels = decoder.decode().map_err(reason)?;
    let info = decoder.info().ok_or(Reason::Damaged)?;
    let (width, height) = (u32::from(width), u32::from(height));
    let picture = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::CMYK32 => {
            RgbImage::from_raw(width, height, from_cmyk(&pixels)).map(DynamicImage::from)
        }
        PixelFormat::L16 => return Err(Reason::Unsupported),
    };
    let icc_profile = decoder.icc_profile().filter(|_| info.pixel_format != PixelFormat::CMYK32);
    Ok(Decoded { picture: picture.ok_or(Reason::Damaged)?, icc_profile })
}

/// Without the profile of the press that a CMYK picture was made for there is no exact answer.
fn from_cmyk(pixels: &[u8]) -> Vec<u8> {
    let ink = |ink: u8, black: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - black);
        (light / 255) as u8
    };
    pixels
        .chunks_exact(4)
        .flat_map(|p| [ink(p[0], p[3]), ink(p[1], p[3]), ink(p[2], p[3])])
        .collect()
}

fn reason(error: jpeg_decoder::Error) -> Reason {
    match error {
        jpeg_decoder::Error::Unsupported(_) => Reason::Unsupported,
        jpeg_decoder::Error::Io(_) => Reason::Truncated,
        _ => Reason::Damaged,
    }
}
