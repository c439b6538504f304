use super::*;

fn refused(bytes: &[u8]) -> Reason {
    renditions(bytes).unwrap_err()
}

#[test]
fn what_is_no_picture_of_ours_is_refused() {
    for other in
        [&b""[..], b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM", b"%PDF-1.7"]
    {
        assert_eq!(refused(other), Reason::NotAPicture);
    }
}

#[test]
fn a_flood_of_pixels_is_refused_by_its_header() {
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
fn a_jpeg_of_endless_passes_is_refused() {
    let photo = made::photo(64, 64);
    assert_eq!(refused(&made::jpeg_of_passes(&photo, MAX_SCANS + 1)), Reason::TooManyScans);
    renditions(&made::jpeg_of_passes(&photo, MAX_SCANS)).unwrap();
}

#[test]
fn a_profile_that_unpacks_without_end_is_as_good_as_none() {
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
    let animated = made::riff(&[
        (b"VP8X", &[0b10, 0, 0, 0, 19, 0, 0, 19, 0, 0]),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &[0; 16]),
    ]);
    assert_eq!(refused(&animated), Reason::Animated);
}

#[test]
fn whatever_is_cut_short_is_refused() {
    let photo = made::photo(120, 80);
    let any = DynamicImage::from(photo.clone());
    for bytes in [
        made::jpeg(&photo, 80),
        made::progressive_jpeg(&photo, 80),
        made::png(&any),
        made::webp(&any, true),
    ] {
        for length in (0..bytes.len()).step_by(bytes.len() / 97) {
            let reason = refused(&bytes[..length]);
            assert!(
                matches!(reason, Reason::NotAPicture | Reason::Truncated),
                "{length}: {reason:?}"
            );
        }
    }
}

#[test]
fn a_file_that_is_something_else_too_is_refused() {
    let photo = made::photo(40, 40);
    let (jpeg, png) = (made::jpeg(&photo, 80), made::png(&photo.into()));
    let zip = b"PK\x03\x04 and so on PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0hi";
    let behind = |picture: &[u8], rest: &[u8]| [picture, rest].concat();
    for file in [
        behind(&jpeg, zip),
        behind(&png, zip),
        behind(&png, b"<script>alert(1)</script>"),
        behind(&png, &png),
        behind(&jpeg, b"\0\0<?php system($_GET['c']);"),
        made::with_segment(&jpeg, 0xfe, b"%PDF-1.4 1 0 obj"),
        made::with_segment(&jpeg, 0xfe, b"<!DOCTYPE html><SCRIPT src=x>"),
        made::with_segment(&jpeg, 0xe1, b"Exif\0\0 <?php echo 1;"),
        made::with_chunk(&png, b"tEXt", b"Comment\0<svg onload=alert(1)>"),
        made::with_chunk(&png, b"tEXt", &[b"x\0%PDF-1.7 ", &zip[..]].concat()),
    ] {
        assert_eq!(refused(&file), Reason::Polyglot);
    }
    // What phones put behind the picture, and padding.
    let mut with_zip_inside = made::with_segment(&jpeg, 0xfe, zip);
    for fine in [&b""[..], &[0; 7], &jpeg, b"\0\x01Samsung's data SEFT"] {
        renditions(&behind(&jpeg, fine)).unwrap();
    }
    with_zip_inside.extend([0; 3]);
    renditions(&with_zip_inside).unwrap();
}
