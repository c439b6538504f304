//! The logo of a brand.

use std::{io::Cursor, path::Path};

use png::{Decoder, Limits};

use super::{
    files::{bytes, text},
    svg,
};

/// A logo, judged at start.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// The name of its file.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
    /// How wide it is, where it is [`HEIGHT`](Self::HEIGHT) or less high.
    pub width: u32,
    /// How high it is then.
    pub height: u32,
}

impl Logo {
    /// The greatest height, in CSS pixels.
    pub const HEIGHT: u32 = 32;
    /// The greatest width, in CSS pixels.
    const MAX_WIDTH: f64 = 240.0;
    /// The maximum size of a file. Every email has the PNG attached.
    pub const MAX_BYTES: usize = 100 * 1024;
    /// The maximum width and height of a PNG, in pixels.
    const MAX_PIXELS: u32 = 2_000;

    /// Reads a PNG.
    pub(super) fn png(path: &Path, mistakes: &mut Vec<String>) -> Option<Self> {
        let content = bytes(path, mistakes)?;
        match decode(&content) {
            Ok(size) => Some(Self::new("logo.png", "image/png", content, size)),
            Err(what) => {
                mistakes.push(format!("{}: {what}", path.display()));
                None
            }
        }
    }

    /// Reads an SVG.
    pub(super) fn svg(path: &Path, mistakes: &mut Vec<String>) -> Option<Self> {
        let text = text(path, mistakes)?;
        let judged = match check_bytes(text.len()) {
            Ok(()) => svg::judge(&text),
            Err(what) => Err(vec![(1, what)]),
        };
        match judged {
            Ok(size) => Some(Self::new("logo.svg", "image/svg+xml", text.into_bytes(), size)),
            Err(flaws) => {
                mistakes.extend(
                    flaws
                        .iter()
                        .map(|(line, what)| format!("{} line {line}: {what}", path.display())),
                );
                None
            }
        }
    }

    fn new(
        name: &'static str,
        media_type: &'static str,
        content: Vec<u8>,
        (width, height): (f64, f64),
    ) -> Self {
        let scale = (f64::from(Self::HEIGHT) / height).min(Self::MAX_WIDTH / width);
        let pixels = |size: f64| ((size * scale).round() as u32).max(1);
        Self { name, media_type, content, width: pixels(width), height: pixels(height) }
    }

    /// Whether it is so wide that it has the name of the product in it, and stands alone.
    #[must_use]
    pub fn is_wordmark(&self) -> bool {
        self.width > 2 * self.height
    }
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}x{})", self.name, self.width, self.height)
    }
}

fn check_bytes(bytes: usize) -> Result<(), String> {
    let (kib, most) = (bytes.div_ceil(1024), Logo::MAX_BYTES / 1024);
    if bytes <= Logo::MAX_BYTES {
        return Ok(());
    }
    Err(format!("has {kib} KiB; a logo has at most {most} KiB"))
}

/// Width and height of a PNG that decodes.
fn decode(content: &[u8]) -> Result<(f64, f64), String> {
    check_bytes(content.len())?;
    let damaged = |error: png::DecodingError| format!("is not a PNG that can be decoded: {error}");
    let decoder = Decoder::new_with_limits(Cursor::new(content), Limits { bytes: 8 << 20 });
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = reader.info().size();
    let most = Logo::MAX_PIXELS;
    if width > most || height > most {
        let size = format!("is {width} pixels wide and {height} high");
        return Err(format!("{size}; a logo has at most {most} of each"));
    }
    if reader.info().animation_control.is_some() {
        return Err("is animated".to_owned());
    }
    let size = reader.output_buffer_size().ok_or("is too large to decode")?;
    reader.next_frame(&mut vec![0; size]).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    Ok((f64::from(width), f64::from(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logo_is_scaled_to_the_height_of_a_line() {
        for (size, expected, is_wordmark) in [
            ((32.0, 32.0), (32, 32), false),
            ((512.0, 512.0), (32, 32), false),
            ((600.0, 200.0), (96, 32), true),
            ((2000.0, 100.0), (240, 12), true),
            ((1.0, 2000.0), (1, 32), false),
        ] {
            let logo = Logo::new("logo.png", "image/png", vec![], size);
            assert_eq!((logo.width, logo.height), expected);
            assert_eq!(logo.is_wordmark(), is_wordmark);
        }
    }
}
