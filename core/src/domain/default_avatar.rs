//! The default picture of an account.

use aws_lc_rs::digest;

use super::{UserId, hex};

/// A picture drawn from a hash of a user's id: always the same for a user, and it reveals nothing about
/// them. The key contains the hash, so serving the picture needs no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultAvatar([u8; 10]);

impl DefaultAvatar {
    const PREFIX: &'static str = "default-";
    const SUFFIX: &'static str = ".svg";
    /// Squares per row; the right half mirrors the left.
    const GRID: usize = 5;

    /// The picture of a user.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        let input = [&b"keyward/avatar/v1/"[..], user.0.as_bytes()].concat();
        let hash = digest::digest(&digest::SHA256, &input);
        let mut name = [0; 10];
        name.copy_from_slice(&hash.as_ref()[..10]);
        Self(name)
    }

    /// The picture with this key, if it is the key of one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let digits = key.strip_prefix(Self::PREFIX)?.strip_suffix(Self::SUFFIX)?;
        let number = u128::from_str_radix(digits, 16).ok().filter(|_| hex::is_hex(digits, 20))?;
        number.to_be_bytes()[6..].try_into().ok().map(Self)
    }

    /// The key: the last part of the URL.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}{}{}", Self::PREFIX, hex::encode(&self.0), Self::SUFFIX)
    }

    /// Draws the picture as SVG, about 1 KiB, without scripts, references or text.
    #[must_use]
    pub fn svg(&self) -> String {
        let hue = u16::from_be_bytes([self.0[0], self.0[1]]) % 360;
        let bits = u16::from_be_bytes([self.0[2], self.0[3]]);
        let is_filled = |row, column: usize| {
            let mirrored = column.min(Self::GRID - 1 - column);
            bits >> (row * 3 + mirrored) & 1 == 1
        };
        let squares: String = (0..Self::GRID * Self::GRID)
            .map(|square| (square / Self::GRID, square % Self::GRID))
            .filter(|(row, column)| is_filled(*row, *column))
            .map(|(row, column)| format!("M{} {}h60v60h-60z", 106 + column * 60, 106 + row * 60))
            .collect();
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
    fn every_user_has_one_picture() {
        let (ada, bob) = (UserId::new(), UserId::new());
        assert_eq!(DefaultAvatar::of(ada).svg(), DefaultAvatar::of(ada).svg());
        assert_ne!(DefaultAvatar::of(ada).key(), DefaultAvatar::of(bob).key());
    }

    proptest! {
        #[test]
        fn only_the_key_of_a_picture_finds_it(key in "(default-)?[0-9a-fA-F+./]{0,24}(\\.svg)?|\\PC{0,30}") {
            if let Some(avatar) = DefaultAvatar::from_key(&key) {
                prop_assert_eq!(avatar.key(), key);
            }
        }
    }
}
