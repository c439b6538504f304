use image::{DynamicImage, Rgb, RgbImage, Rgba, RgbaImage};
use keyward_tests::pictures as made;

use super::*;

mod accepted;
mod hostile;
mod refused;

/// A rendition, decoded as by a browser.
fn decoded(file: &[u8]) -> DynamicImage {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    if decoder.has_alpha() {
        RgbaImage::from_raw(width, height, pixels).unwrap().into()
    } else {
        RgbImage::from_raw(width, height, pixels).unwrap().into()
    }
}

fn largest(bytes: &[u8]) -> DynamicImage {
    decoded(&renditions(bytes).unwrap()[0])
}

/// Which of red, green, blue and white stands out around a point, given in eighths of the side.
fn colour_at(picture: &DynamicImage, x: u32, y: u32) -> char {
    let Rgb([r, g, b]) = picture.to_rgb8()[(x * picture.width() / 8, y * picture.height() / 8)];
    match (r > 128, g > 128, b > 128) {
        (true, false, false) => 'r',
        (false, true, false) => 'g',
        (false, false, true) => 'b',
        (true, true, true) => 'w',
        _ => '?',
    }
}

const CORNERS: [Rgb<u8>; 4] =
    [Rgb([250, 5, 5]), Rgb([5, 250, 5]), Rgb([5, 5, 250]), Rgb([250, 250, 250])];

/// Four squares: red and green above blue and white. Stored as by a camera that was held so that the
/// first row and the first column are where `orientation` says (Exif 2.32, tag 0x0112).
fn four_squares(orientation: u8) -> RgbImage {
    const LAST: u32 = 127;
    RgbImage::from_fn(LAST + 1, LAST + 1, |column, row| {
        let (x, y) = match orientation {
            2 => (LAST - column, row),
            3 => (LAST - column, LAST - row),
            4 => (column, LAST - row),
            5 => (row, column),
            6 => (LAST - row, column),
            7 => (LAST - row, LAST - column),
            8 => (row, LAST - column),
            _ => (column, row),
        };
        CORNERS[(x / 64 + y / 64 * 2) as usize]
    })
}

fn corners(picture: &DynamicImage) -> String {
    [(2, 2), (6, 2), (2, 6), (6, 6)].map(|(x, y)| colour_at(picture, x, y)).iter().collect()
}

#[test]
fn every_format_gives_the_same_three_square_renditions() {
    let photo = made::photo(300, 200);
    let grey = DynamicImage::from(photo.clone()).into_luma8();
    let photo_of_any: DynamicImage = photo.clone().into();
    for bytes in [
        made::jpeg(&photo, 90),
        made::progressive_jpeg(&photo, 90),
        made::png(&photo_of_any),
        made::png(&DynamicImage::from(grey).into_rgb8().into()),
        made::interlaced_png(&photo),
        made::webp(&photo_of_any, true),
        made::webp(&photo_of_any, false),
        made::webp(&photo_of_any.to_rgba8().into(), true),
    ] {
        let made = renditions(&bytes).unwrap();
        for (file, side) in made.iter().zip(SIZES_PX) {
            let picture = decoded(file);
            assert_eq!((picture.width(), picture.height()), (side, side));
        }
        assert_eq!(renditions(&bytes).unwrap(), made);
    }
}

#[test]
fn interlacing_changes_no_rendition() {
    for (width, height) in [(300, 200), (7, 3), (1, 1)] {
        let photo = made::photo(width, height);
        let plain = renditions(&made::png(&photo.clone().into())).unwrap();
        assert_eq!(renditions(&made::interlaced_png(&photo)).unwrap(), plain);
    }
}

#[test]
fn every_exif_orientation_is_applied() {
    for orientation in 1..=8 {
        let jpeg = made::jpeg(&four_squares(orientation), 95);
        let picture = largest(&made::oriented(&jpeg, orientation));
        assert_eq!(corners(&picture), "rgbw", "orientation {orientation}");
    }
    let png = made::png(&four_squares(6).into());
    assert_eq!(corners(&largest(&made::with_chunk(&png, b"eXIf", &made::exif(6)))), "rgbw");
    let webp = made::webp(&four_squares(6).into(), false);
    let extended = made::riff(&[
        (b"VP8X", &[0b1000, 0, 0, 0, 127, 0, 0, 127, 0, 0]),
        (b"VP8L", &webp[20..]),
        (b"EXIF", &made::exif(6)),
    ]);
    assert_eq!(corners(&largest(&extended)), "rgbw");
    let senseless = made::oriented(&made::jpeg(&four_squares(1), 95), 77);
    assert_eq!(corners(&largest(&senseless)), "rgbw");
}

#[test]
fn square_in_the_middle_is_kept() {
    for factor in [1, 30] {
        let stripes = |x, length| CORNERS[(x * 3 / length) as usize];
        let (long, short) = (90 * factor, 30 * factor);
        let wide = RgbImage::from_fn(long, short, |x, _| stripes(x, long));
        let high = RgbImage::from_fn(short, long, |_, y| stripes(y, long));
        for picture in [wide, high] {
            let any = DynamicImage::from(picture.clone());
            for bytes in [made::jpeg(&picture, 95), made::png(&any), made::webp(&any, false)] {
                assert_eq!(corners(&largest(&bytes)), "gggg", "{factor}");
            }
        }
    }
}

#[test]
fn small_picture_is_enlarged() {
    let dot = RgbImage::from_pixel(1, 1, Rgb([5, 250, 5]));
    assert_eq!(corners(&largest(&made::png(&dot.into()))), "gggg");
}

#[test]
fn transparency_is_kept_without_dark_seams() {
    let half =
        RgbaImage::from_fn(100, 100, |x, _| Rgba([250, 250, 250, if x < 50 { 255 } else { 0 }]));
    for bytes in [made::png(&half.clone().into()), made::webp(&half.into(), false)] {
        let picture = largest(&bytes).into_rgba8();
        assert_eq!((picture[(100, 256)].0[3], picture[(400, 256)].0[3]), (255, 0));
        let seam = (240..272).map(|x| picture[(x, 256)]).filter(|pixel| pixel.0[3] > 16);
        assert!(seam.into_iter().all(|pixel| pixel.0[0] > 200));
    }
}

#[test]
fn renditions_contain_no_metadata() {
    let photo = made::photo(200, 200);
    let jpeg = made::with_segment(&made::jpeg(&photo, 80), 0xe1, b"Exif\0\0canary");
    let jpeg = made::with_segment(&jpeg, 0xfe, b"canary in a comment");
    let png = made::with_chunk(&made::png(&photo.into()), b"tEXt", b"Comment\0canary");
    for bytes in [jpeg, png] {
        for file in renditions(&bytes).unwrap() {
            assert!(memchr::memmem::find(&file, b"canary").is_none());
            assert!(
                ["EXIF", "XMP ", "ICCP"].iter().all(|kind| memchr::memmem::find(
                    &file,
                    kind.as_bytes()
                )
                .is_none())
            );
        }
    }
}

#[test]
fn wide_gamut_is_converted_to_srgb() {
    let picture = RgbImage::from_pixel(64, 64, Rgb([200, 100, 50]));
    let jpeg = made::jpeg(&picture, 100);
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let chunk = [b"ICC_PROFILE\0\x01\x01", &profile[..]].concat();
    let plain = largest(&jpeg).to_rgb8()[(256, 256)];
    let wide = largest(&made::with_segment(&jpeg, 0xe2, &chunk)).to_rgb8()[(256, 256)];
    assert!(plain.0[0].abs_diff(200) < 6, "{plain:?}");
    // Display P3 (200, 100, 50) is sRGB (214, 95, 34).
    assert!(wide.0[0].abs_diff(214) < 8 && wide.0[2].abs_diff(34) < 10, "{wide:?}");
    let broken = [b"ICC_PROFILE\0\x01\x01", &profile[..40]].concat();
    let broken = largest(&made::with_segment(&jpeg, 0xe2, &broken)).to_rgb8()[(256, 256)];
    assert_eq!(broken, plain, "as if it had none");
}

#[test]
fn cmyk_is_converted_approximately() {
    let red_ink = made::cmyk_jpeg([0, 255, 255, 0], 64);
    assert_eq!(corners(&largest(&red_ink)), "rrrr");
}
