use super::*;

fn refused(bytes: &[u8]) -> Reason {
    renditions(bytes).unwrap_err()
}

#[test]
fn other_file_types_are_refused() {
    for other in
        [&b""[..], b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM", b"%PDF-1.7"]
    {
        assert_eq!(refused(other), Reason::NotAPicture);
    }
}

#[test]
fn pixel_floods_are_refused_by_their_header() {
    assert_eq!(refused(&made::png_of_size(50_000, 50_000)), Reason::TooManyPixels);
    assert_eq!(refused(&made::png_of_size(u32::MAX, u32::MAX)), Reason::TooManyPixels);
    assert_eq!(refused(&made::png_of_size(0, 10)), Reason::Damaged);
    assert_eq!(refused(&made::webp_of_size(16_383, 16_383)), Reason::TooManyPixels);
    assert_eq!(refused(&made::webp_of_size(7_000, 7_000)), Reason::TooMuchMemory);
    assert_eq!(refused(&made::png_of_size(20_000, 100)), Reason::TooLong);
    let jpeg = made::jpeg(&made::photo(16, 16), 80);
    let sof = memchr::memmem::find(&jpeg, &[0xff, 0xc0]).unwrap();
    let mut flood = jpeg.clone();
    flood[sof + 5..sof + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(refused(&flood), Reason::TooManyPixels);
    // A progressive one keeps all its coefficients: 7000 x 7000, three full components.
    let jpeg = made::progressive_jpeg(&made::photo(16, 16), 80);
    let sof = memchr::memmem::find(&jpeg, &[0xff, 0xc2]).unwrap();
    let mut flood = jpeg.clone();
    flood[sof + 5..sof + 9].copy_from_slice(&[0x1b, 0x58, 0x1b, 0x58]);
    assert_eq!(refused(&flood), Reason::TooMuchMemory);
}

#[test]
fn webp_frame_larger_than_its_canvas_is_refused() {
    let frame = made::webp_of_size(16_383, 16_383);
    let extended =
        made::riff(&[(b"VP8X", &[0, 0, 0, 0, 19, 0, 0, 19, 0, 0]), (b"VP8 ", &frame[20..])]);

    assert_eq!(refused(&extended), Reason::Damaged);
}

#[test]
fn jpeg_with_too_many_scans_is_refused() {
    let photo = made::photo(64, 64);
    let bomb = made::jpeg_of_passes(&photo, MAX_SCANS + 1);
    assert_eq!(refused(&bomb), Reason::TooManyScans);
    assert_eq!(refused(&made::with_stray_bytes(&bomb, b"stray")), Reason::TooManyScans);
    renditions(&made::jpeg_of_passes(&photo, MAX_SCANS)).unwrap();
}

#[test]
fn profile_that_is_a_decompression_bomb_is_ignored() {
    let png = made::png(&made::photo(40, 40).into());
    let with_bomb = made::with_chunk(&png, b"iCCP", &made::profile_bomb(64 << 20));
    assert_eq!(renditions(&with_bomb).unwrap(), renditions(&png).unwrap());
}

#[test]
fn animations_are_refused() {
    let png = made::png(&made::photo(20, 20).into());
    assert_eq!(
        refused(&made::with_chunk(&png, b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])),
        Reason::Animated
    );
    let frame = [&[0; 16][..], &made::webp(&made::photo(1, 1).into(), true)[12..]].concat();
    let animated = made::riff(&[
        (b"VP8X", &[0b10, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &frame),
    ]);
    assert_eq!(refused(&animated), Reason::Animated);
}

#[test]
fn truncated_pictures_are_refused_if_a_pixel_is_missing() {
    let photo = made::photo(120, 80);
    let any = DynamicImage::from(photo.clone());
    // A progressive JPEG that ends between two scans is decoded.
    for bytes in [made::jpeg(&photo, 80), made::png(&any), made::webp(&any, true)] {
        let whole = renditions(&bytes).unwrap();
        for length in (0..bytes.len()).step_by(bytes.len() / 97) {
            match renditions(&bytes[..length]) {
                Err(Reason::NotAPicture | Reason::Truncated) => {}
                other => {
                    assert!(length > bytes.len() / 2, "{length} of {}", bytes.len());
                    assert!(other.as_ref() == Ok(&whole), "{length} of {}", bytes.len());
                }
            }
        }
    }
}
