//! Crops, scales and encodes.

use fast_image_resize::{FilterType, MulDiv, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GenericImageView as _};
use webp::{Encoder, WebPConfig};

use super::{Reason, Renditions, SIZES_PX};

/// WebP quality, of 100: no visible loss at these sizes.
const QUALITY: f32 = 80.0;
/// Of 0..=6, fast to small. Method 4, libwebp's default, makes files 5 % smaller in four times the
/// time (measured on the picture of the benchmark).
const METHOD: i32 = 1;

/// The square in the middle, in the largest size, as RGB or RGBA.
pub(super) fn crop(mut picture: DynamicImage) -> Result<DynamicImage, Reason> {
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom))
        .crop(left.into(), top.into(), side.into(), side.into());
    if !picture.color().has_alpha() {
        return Ok(resize(&picture, SIZES_PX[0], &options)?.into_rgb8().into());
    }
    // In place: the resizer would copy the whole picture.
    let alpha = MulDiv::new();
    alpha.multiply_alpha_inplace(&mut picture).map_err(|_| Reason::Undecodable)?;
    let mut largest = resize(&picture, SIZES_PX[0], &options.use_alpha(false))?;
    alpha.divide_alpha_inplace(&mut largest).map_err(|_| Reason::Undecodable)?;
    Ok(largest.into_rgba8().into())
}

/// All sizes, each made from the one before it, as WebP.
pub(super) fn encode(largest: DynamicImage) -> Result<Renditions, Reason> {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let middle = resize(&largest, SIZES_PX[1], &options)?;
    let smallest = resize(&middle, SIZES_PX[2], &options)?;
    Ok([file(&largest)?, file(&middle)?, file(&smallest)?])
}

fn resize(from: &DynamicImage, side: u32, options: &ResizeOptions) -> Result<DynamicImage, Reason> {
    let mut to = DynamicImage::new(side, side, from.color());
    Resizer::new().resize(from, &mut to, options).map_err(|_| Reason::Undecodable)?;
    Ok(to)
}

fn file(picture: &DynamicImage) -> Result<Vec<u8>, Reason> {
    let mut config = WebPConfig::new().map_err(|()| Reason::Undecodable)?;
    config.quality = QUALITY;
    config.method = METHOD;
    let (width, height) = picture.dimensions();
    let encoder = match picture {
        DynamicImage::ImageRgb8(pixels) => Encoder::from_rgb(pixels, width, height),
        DynamicImage::ImageRgba8(pixels) => Encoder::from_rgba(pixels, width, height),
        _ => return Err(Reason::Undecodable),
    };
    let encoded = encoder.encode_advanced(&config).map_err(|_| Reason::Undecodable)?;
    Ok(encoded.to_vec())
}
