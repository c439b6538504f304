//! Files of cameras and phones that break their format, or contain more than a picture.

use super::*;

#[test]
fn trailing_bytes_are_ignored() {
    let photo = made::photo(40, 40);
    let any = DynamicImage::from(photo.clone());
    let motion_photo = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";
    let zip = b"PK\x03\x04 and so on PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0hi";
    for picture in
        [made::jpeg(&photo, 80), made::png(&any), made::webp(&any, true), made::webp(&any, false)]
    {
        let plain = renditions(&picture).unwrap();
        for rest in [
            &b"\r\n"[..],
            &[0; 7],
            &picture,
            motion_photo,
            zip,
            b"\0\x01Samsung's data SEFT",
            b"<script>alert(1)</script>",
        ] {
            assert_eq!(renditions(&[&picture, rest].concat()).unwrap(), plain, "{rest:?}");
        }
    }
}

#[test]
fn jpeg_without_end_marker_is_decoded() {
    let photo = made::photo(120, 80);
    for jpeg in [made::jpeg(&photo, 80), made::progressive_jpeg(&photo, 80)] {
        let plain = renditions(&jpeg).unwrap();

        assert_eq!(renditions(&jpeg[..jpeg.len() - 2]).unwrap(), plain);
        assert_eq!(renditions(&[&jpeg[..jpeg.len() - 2], b"\r\n"].concat()).unwrap(), plain);
    }
}

#[test]
fn stray_bytes_between_jpeg_segments_are_skipped() {
    let photo = made::photo(120, 80);
    for jpeg in [made::jpeg(&photo, 80), made::progressive_jpeg(&photo, 80)] {
        let stray = made::with_stray_bytes(&jpeg, b"\0\x01stray\xff\0\xff");

        assert_eq!(renditions(&stray).unwrap(), renditions(&jpeg).unwrap());
    }
}

#[test]
fn markup_in_metadata_is_ignored() {
    let photo = made::photo(40, 40);
    let (jpeg, png) = (made::jpeg(&photo, 80), made::png(&photo.into()));
    for file in [
        made::with_segment(&jpeg, 0xfe, b"%PDF-1.4 1 0 obj"),
        made::with_segment(&jpeg, 0xe1, b"<!DOCTYPE html><SCRIPT src=x>"),
        made::with_chunk(&png, b"tEXt", b"Comment\0<svg onload=alert(1)>"),
    ] {
        renditions(&file).unwrap();
    }
}
