//! The picture everybody has from the first second.

use aws_lc_rs::digest;

use super::UserId;

/// A picture drawn from a user's id: always the same for the same user, telling nothing about them.
///
/// It is named by a hash of the id and drawn from that name alone, so serving one asks no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultAvatar([u8; 10]);

impl DefaultAvatar {
    const PREFIX: &'static str = "default-";
    const SUFFIX: &'static str = ".svg";
    /// Squares in a row; the right half mirrors the left.
    const GRID: usize = 5;

    /// The picture of a user.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        let mut input = b"keyward/avatar/v1/".to_vec();
        input.extend_from_slice(user.0.as_bytes());
        let hash = digest::digest(&digest::SHA256, &input);
        let mut name = [0; 10];
        name.copy_from_slice(&hash.as_ref()[..10]);
        Self(name)
    }

    /// The picture with this key, if it is the key of one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let hex = key.strip_prefix(Self::PREFIX)?.strip_suffix(Self::SUFFIX)?;
        let is_hex = hex.len() == 20 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut name = [0; 10];
        for (byte, digits) in name.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        is_hex.then_some(Self(name))
    }

    /// Its key: the last part of its address.
    #[must_use]
    pub fn key(&self) -> String {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}{hex}{}", Self::PREFIX, Self::SUFFIX)
    }

    /// The picture as SVG, about 1 KiB; no script, no reference, no text.
    #[must_use]
    pub fn svg(&self) -> String {
        let hue = u16::from_be_bytes([self.0[0], self.0[1]]) % 360;
        let bits = u16::from_be_bytes([self.0[2], self.0[3]]);
        let mut squares = String::new();
        for row in 0..Self::GRID {
            for column in 0..Self::GRID {
                let mirrored = column.min(Self::GRID - 1 - column);
                if bits >> (row * 3 + mirrored) & 1 == 1 {
                    squares.push_str(&format!(
                        "M{} {}h60v60h-60z",
                        106 + column * 60,
                        106 + row * 60
                    ));
                }
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 512 512\" width=\"512\" height=\"512\">\
             <rect width=\"512\" height=\"512\" fill=\"hsl({hue} 45% 92%)\"/>\
             <path fill=\"hsl({hue} 50% 42%)\" shape-rendering=\"crispEdges\" d=\"{squares}\"/></svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_user_always_has_the_same_picture_and_another_user_another() {
        let (ada, bob) = (UserId::new(), UserId::new());
        assert_eq!(DefaultAvatar::of(ada).svg(), DefaultAvatar::of(ada).svg());
        assert_ne!(DefaultAvatar::of(ada).key(), DefaultAvatar::of(bob).key());
    }

    proptest! {
        #[test]
        fn only_the_key_of_a_picture_finds_one(key in "(default-)?[0-9a-fA-F+./]{0,24}(\\.svg)?|\\PC{0,30}") {
            if let Some(avatar) = DefaultAvatar::from_key(&key) {
                prop_assert_eq!(avatar.key(), key);
            }
        }
    }
}
