//! What is derived from an email and its recipient: the return path that its reports come back to, and
//! a hash that outlives the address.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use uuid::Uuid;

use super::{EmailAddress, MailId, derivation_key::DerivationKey, hex};

/// Derives return paths and hashes of mailboxes. The key is `LINK_KEY`; other contexts than those of
/// links keep the secrets apart.
#[derive(Debug)]
pub struct MailKey(pub DerivationKey);

/// A keyed hash of an address, by which it is recognised after it has been erased. Without the key,
/// it does not tell which address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox(pub [u8; 32]);

/// How every local part of a return path begins.
const PREFIX: &str = "bounce+";
/// Bytes of the MAC in a return path: a forger has to guess 80 bits, and must ask us for each guess.
const MAC_BYTES: usize = 10;

impl MailKey {
    /// Derives the local part of an email's return path (the reverse-path of RFC 5321):
    /// `bounce+<id>.<mac>`, 60 bytes. Lower-case hexadecimal, because relays may change the case.
    ///
    /// Only the relays on the way and the recipient see it, so a report to it comes from one of them.
    #[must_use]
    pub fn return_path(&self, id: MailId) -> String {
        let id_text = id.0.simple();
        format!("{PREFIX}{id_text}.{}", hex::encode(&self.mac(id)))
    }

    /// Returns the email of a return path's local part in any case; `None` for a forged one, after the
    /// same time for every forgery.
    #[must_use]
    pub fn open_return_path(&self, local_part: &str) -> Option<MailId> {
        let local_part = local_part.to_ascii_lowercase();
        let (id, mac) = local_part.strip_prefix(PREFIX)?.split_once('.')?;
        if !hex::is_hex(id, 32) || !hex::is_hex(mac, 2 * MAC_BYTES) {
            return None;
        }
        let id = MailId(Uuid::try_parse(id).ok()?);
        let known = hex::encode(&self.mac(id));
        verify_slices_are_equal(known.as_bytes(), mac.as_bytes()).is_ok().then_some(id)
    }

    /// Derives the hash of an address. Addresses of one mailbox have the same one, as accounts compare
    /// them.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Mailbox {
        let key = EmailAddress::parse(address)
            .map_or_else(|_| address.to_lowercase(), |address| address.key().to_owned());
        Mailbox(self.0.derive(&[b"keyward/mailbox/v1/", key.as_bytes()].concat()))
    }

    fn mac(&self, id: MailId) -> [u8; MAC_BYTES] {
        let mac = self.0.derive(&[b"keyward/return-path/v1/", &id.0.as_bytes()[..]].concat());
        std::array::from_fn(|nth| mac[nth])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretBox;

    use super::*;

    fn key(byte: u8) -> MailKey {
        MailKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
    }

    #[test]
    fn a_return_path_names_its_email_in_any_case() {
        let id = MailId::new();
        let path = key(1).return_path(id);
        assert!(path.len() <= 64, "{path}");
        assert_eq!(key(1).open_return_path(&path), Some(id));
        assert_eq!(key(1).open_return_path(&path.to_uppercase()), Some(id));
        assert_eq!(key(2).open_return_path(&path), None);
    }

    #[test]
    fn a_mac_is_good_for_one_email_and_in_full_only() {
        let [first, second] = [(); 2].map(|()| MailId::new());
        let path = key(1).return_path(first);
        let (_, mac) = path.split_once('.').unwrap();
        for bad in [
            format!("{PREFIX}{}.{mac}", second.0.simple()),
            path[..path.len() - 2].to_owned(),
            format!("{path}00"),
            format!(" {path}"),
            path.replace(PREFIX, ""),
            path.replace('.', ""),
            String::new(),
        ] {
            assert_eq!(key(1).open_return_path(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn spellings_of_an_address_have_one_hash() {
        let mailbox = |address: &str| key(1).mailbox(address);
        assert_eq!(mailbox("Ada@Example.ORG"), mailbox("ada@example.org"));
        assert_ne!(mailbox("ada@example.org"), mailbox("bob@example.org"));
        assert_ne!(mailbox("ada@example.org"), key(2).mailbox("ada@example.org"));
    }

    proptest! {
        #[test]
        fn nothing_else_opens_an_email(path in "(bounce\\+)?[0-9a-f]{32}\\.[0-9a-f]{20}|\\PC{0,80}") {
            prop_assert_eq!(key(1).open_return_path(&path), None);
        }
    }
}
