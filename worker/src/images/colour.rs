//! From the colours a camera means to the ones a browser shows.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Profiles are a few kilobytes; those of printers, which are larger, are of no use here.
const MAX_PROFILE_BYTES: usize = 1 << 20;

/// Converts to sRGB. A profile that cannot be used changes nothing: the picture is shown as if it
/// had none.
pub(super) fn to_srgb(picture: DynamicImage, icc_profile: Option<&[u8]>) -> DynamicImage {
    icc_profile
        .filter(|profile| profile.len() <= MAX_PROFILE_BYTES)
        .and_then(|profile| ColorProfile::new_from_slice(profile).ok())
        .filter(|profile| profile.color_space == DataColorSpace::Rgb)
        .and_then(|profile| convert(&picture, &profile))
        .unwrap_or(picture)
}

fn convert(picture: &DynamicImage, profile: &ColorProfile) -> Option<DynamicImage> {
    let layout = if picture.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(layout, &srgb, layout, options).ok()?;
    let mut converted = picture.clone();
    match (picture, &mut converted) {
        (DynamicImage::ImageRgb8(from), DynamicImage::ImageRgb8(to)) => {
            transform.transform(from, to).ok()?;
        }
        (DynamicImage::ImageRgba8(from), DynamicImage::ImageRgba8(to)) => {
            transform.transform(from, to).ok()?;
        }
        _ => return None,
    }
    Some(converted)
}
