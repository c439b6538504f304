//! The accepted picture formats, recognised by their first bytes alone.

/// An accepted picture format. What a client declares is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG (W3C PNG, third edition).
    Png,
    /// WebP (RFC 9649).
    WebP,
}

impl PictureFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::WebP];
    /// The number of bytes that decide.
    pub const SIGNATURE_BYTES: usize = 12;

    /// Returns the format whose signature starts `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_recognised_by_its_first_bytes() {
        assert_eq!(PictureFormat::of(b"\xff\xd8\xff\xe0"), Some(PictureFormat::Jpeg));
        assert_eq!(PictureFormat::of(b"\x89PNG\r\n\x1a\n"), Some(PictureFormat::Png));
        assert_eq!(PictureFormat::of(b"RIFF\x01\x02\x03\x04WEBP"), Some(PictureFormat::WebP));
        for other in
            [&b""[..], b"\xff\xd8", b" \xff\xd8\xff", b"RIFF....WAVE", b"GIF89a", b"<svg></svg>"]
        {
            assert_eq!(PictureFormat::of(other), None, "{other:?}");
        }
    }
}
