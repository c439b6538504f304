//! Signatures of the webhooks by which email providers report bounces and complaints.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac,
    signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::hex;

/// How far the time of a signature may be from now. A provider signs again for a retry.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);
/// Bytes of a nonce that are read.
const MAX_NONCE: usize = 200;

/// The public key with which SendGrid's event webhook is verified (ECDSA, P-256).
#[derive(Clone)]
pub struct SendGridKey(ParsedPublicKey);

impl fmt::Debug for SendGridKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendGridKey")
    }
}

/// Reads the base64 that SendGrid shows: a `SubjectPublicKeyInfo`.
impl FromStr for SendGridKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let der = STANDARD.decode(text.trim()).map_err(|_| "is not base64")?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der)
            .map(Self)
            .map_err(|_| "is not a public key of the curve P-256")
    }
}

impl SendGridKey {
    /// Whether SendGrid has signed this body at about this time. The signature covers time and body.
    #[must_use]
    pub fn has_signed(&self, at: &str, signature: &str, body: &[u8], now: DateTime<Utc>) -> bool {
        let signed = [at.as_bytes(), body].concat();
        let signature = STANDARD.decode(signature).unwrap_or_default();
        is_recent(at, now) && self.0.verify_sig(&signed, &signature).is_ok()
    }
}

/// The key with which Mailgun signs its webhooks (HMAC-SHA-256).
#[derive(Debug, Clone)]
pub struct MailgunKey(SecretString);

impl FromStr for MailgunKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_plain.then(|| Self(text.into())).ok_or("is shorter than 16 characters, or not plain")
    }
}

impl MailgunKey {
    /// Whether Mailgun has signed this nonce at about this time. The signature does not cover the body:
    /// TLS must keep others from reading it.
    #[must_use]
    pub fn has_signed(&self, at: &str, nonce: &str, signature: &str, now: DateTime<Utc>) -> bool {
        if !is_recent(at, now) || nonce.len() > MAX_NONCE {
            return false;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret().as_bytes());
        let known = hex::encode(hmac::sign(&key, format!("{at}{nonce}").as_bytes()).as_ref());
        verify_slices_are_equal(known.as_bytes(), signature.as_bytes()).is_ok()
    }
}

/// Whether a time in seconds is close to now.
fn is_recent(at: &str, now: DateTime<Utc>) -> bool {
    let at = at.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    at.is_some_and(|at| (now - at).abs() <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer as _, PublicKeyX509Der},
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
    };

    use super::*;

    #[test]
    fn sendgrid_signs_time_and_body() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key: SendGridKey = STANDARD.encode(der.as_ref()).parse().unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let sign = |text: &str| {
            let signature = pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
            STANDARD.encode(signature.as_ref())
        };
        let good = sign("1800000100[{}]");

        assert!(key.has_signed("1800000100", &good, b"[{}]", now));
        assert!(!key.has_signed("1800000100", &good, b"[{} ]", now));
        assert!(!key.has_signed("1800000101", &good, b"[{}]", now));
        assert!(!key.has_signed("1800000100", "", b"[{}]", now));
        assert!(!key.has_signed("1799990000", &sign("1799990000[{}]"), b"[{}]", now), "too old");
        assert!("bm8=".parse::<SendGridKey>().is_err() && "?".parse::<SendGridKey>().is_err());
    }

    #[test]
    fn mailgun_signs_time_and_nonce() {
        let key: MailgunKey = "key-0123456789abcdef".parse().unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mac = hmac::Key::new(hmac::HMAC_SHA256, b"key-0123456789abcdef");
        let sign = |text: &str| hex::encode(hmac::sign(&mac, text.as_bytes()).as_ref());
        let good = sign("1800000000nonce");

        assert!(key.has_signed("1800000000", "nonce", &good, now));
        assert!(!key.has_signed("1800000000", "other", &good, now));
        assert!(!key.has_signed("1800000000", "nonce", &good.to_uppercase(), now));
        assert!(!key.has_signed("1800009000", "nonce", &sign("1800009000nonce"), now), "too new");
        assert!(!key.has_signed("x", "nonce", &sign("xnonce"), now));
        assert!("short".parse::<MailgunKey>().is_err());
    }
}
