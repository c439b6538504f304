//! Codes that authenticate cursors of lists.

use super::derivation_key::DerivationKey;

/// Derives the authentication codes of cursors, so that none can be edited or used for another list. The
/// key is `LINK_KEY`; other contexts than those of links keep the secrets apart.
#[derive(Debug)]
pub struct CursorKey(pub DerivationKey);

impl CursorKey {
    /// Bytes of a code.
    pub const CODE_BYTES: usize = 8;

    /// Adds the code to a position in a list. `list` names the list and its filters.
    #[must_use]
    pub fn seal(&self, list: &str, position: &[u8]) -> Vec<u8> {
        [position, &self.code(list, position)].concat()
    }

    /// The position of a sealed cursor; `None` for one of another list, or one that was changed.
    #[must_use]
    pub fn open<const BYTES: usize>(&self, list: &str, cursor: &[u8]) -> Option<[u8; BYTES]> {
        let (position, code) = cursor.split_at_checked(BYTES)?;
        let is_sealed =
            aws_lc_rs::constant_time::verify_slices_are_equal(code, &self.code(list, position));
        is_sealed.ok().and_then(|()| position.try_into().ok())
    }

    fn code(&self, list: &str, position: &[u8]) -> [u8; Self::CODE_BYTES] {
        let message = [b"keyward/cursor/v1/", list.as_bytes(), b"\n", position].concat();
        let code = self.0.derive(&message);
        std::array::from_fn(|nth| code[nth])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretBox;

    use super::*;

    fn key() -> CursorKey {
        CursorKey(DerivationKey::new(SecretBox::new(vec![7; 32].into_boxed_slice())))
    }

    proptest! {
        #[test]
        fn a_cursor_opens_in_its_list_only(position: [u8; 16], list in "\\PC{0,20}", other in "\\PC{0,20}") {
            let cursor = key().seal(&list, &position);
            prop_assert_eq!(key().open::<16>(&list, &cursor), Some(position));
            prop_assert_eq!(key().open::<16>(&other, &cursor).is_some(), list == other);
        }

        #[test]
        fn a_changed_cursor_does_not_open(position: [u8; 16], bit in 0..192_usize, cut in 0..24_usize) {
            let mut cursor = key().seal("list", &position);
            prop_assert_eq!(key().open::<16>("list", &cursor[..cut]), None);
            prop_assert_eq!(key().open::<16>("list", &[&cursor[..], b"x"].concat()), None);
            cursor[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(key().open::<16>("list", &cursor), None);
        }
    }
}
