use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..5),
            Just(vec![0xff]),
            Just(vec![0]),
            Just(vec![0xff, 0xda]),
            Just(vec![0x7f, 0xff, 0xff, 0xff]),
        ]
    };
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), bytes()).prop_map(|(at, bytes)| Change::Set(at, bytes)),
        1 => (index(), 1..64_usize).prop_map(|(at, n)| Change::Remove(at, n)),
        1 => (index(), bytes()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (index(), 1..64_usize, 1..9_usize).prop_map(|(at, n, m)| Change::Repeat(at, n, m)),
    ]
}

fn apply(mut bytes: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Set(at, new) => {
                let at = at.index(bytes.len());
                bytes[at..].iter_mut().zip(new).for_each(|(old, new)| *old = new);
            }
            Change::Remove(at, n) => {
                let at = at.index(bytes.len());
                let end = (at + n).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new);
            }
            Change::Repeat(at, n, times) => {
                let at = at.index(bytes.len());
                let part = bytes[at..(at + n).min(bytes.len())].repeat(times);
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

/// The pictures that are damaged: one of every kind.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let photo = made::photo(48, 40);
    let any = DynamicImage::from(photo.clone());
    let clear = DynamicImage::from(any.to_rgba8());
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let profile = [b"ICC_PROFILE\0\x01\x01", &profile[..]].concat();
    vec![
        made::jpeg(&photo, 80),
        made::progressive_jpeg(&photo, 80),
        made::with_segment(&made::oriented(&made::jpeg(&photo, 60), 6), 0xe2, &profile),
        made::cmyk_jpeg([10, 90, 60, 20], 33),
        made::png(&any),
        made::interlaced_png(&photo),
        made::with_chunk(&made::png(&clear), b"eXIf", &made::exif(8)),
        made::webp(&any, true),
        made::webp(&any, false),
        made::webp(&clear, true),
    ]
});

proptest! {
    // `PROPTEST_CASES=100000 cargo test --release --workspace --lib hostile` for a long run. One of
    // 4,000 cases, 19 minutes beside other work, with the overflow checks of the dev profile, found
    // nothing. What a run finds, proptest keeps in `proptest-regressions`: commit it.
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_picture_gives_three_renditions_or_a_reason(
        nth in 0..SEEDS.len(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let bytes = apply(SEEDS[nth].clone(), changes);
        match renditions(&bytes) {
            Ok(files) => {
                for (file, side) in files.iter().zip(SIZES_PX) {
                    prop_assert_eq!(decoded(file).width(), side);
                }
            }
            // A panic is caught, but it is a defect of a decoder.
            Err(reason) => prop_assert_ne!(reason, Reason::Undecodable),
        }
    }
}
