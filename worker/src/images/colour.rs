//! From the colours a camera means to the ones a browser shows.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::picture;

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

fn convert(from: &DynamicImage, profile: &ColorProfile) -> Option<DynamicImage> {
    let color = from.color();
    let layout = if color.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(layout, &srgb, layout, options).ok()?;
    let mut pixels = vec![0; from.as_bytes().len()];
    transform.transform(from.as_bytes(), &mut pixels).ok()?;
    picture(from.width(), from.height(), color.channel_count().into(), pixels).ok()
}
