//! Access tokens: short-lived JWTs signed with EdDSA, in the profile of RFC 9068.
//!
//! Verification follows RFC 8725 (sections 3.1, 3.8 to 3.11) and OWASP ASVS 5.0 (9.1 and 9.2): only
//! `EdDSA`, only our keys, found by `kid` in memory; issuer, audience, type and times are checked. A
//! header with members besides `typ`, `alg` and `kid` (`jwk`, `jku`, `x5u`, `crit`) is refused before
//! they are read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret as _, SecretBox};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Refusal, Result,
    domain::{AccountClaim, Role, SessionId, UserId},
};

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer: `PUBLIC_URL`.
    pub iss: String,
    /// The audience: `NAMESPACE`.
    pub aud: String,
    /// The account.
    pub sub: UserId,
    /// The session, checked with every request.
    pub sid: SessionId,
    /// Time of issue, seconds since 1970.
    pub iat: i64,
    /// Time of expiry, seconds since 1970.
    pub exp: i64,
    /// Time before which the token is not valid, seconds since 1970. We issue none: 0 if it is missing.
    #[serde(default, skip_serializing)]
    pub nbf: i64,
    /// Its id.
    pub jti: Uuid,
    /// Time of the login, seconds since 1970 (OpenID Connect Core, section 2).
    pub auth_time: i64,
    /// How the account logged in (RFC 8176): always `pwd`.
    pub amr: Vec<String>,
    /// The role of the account, if `TOKEN_CLAIMS` has `role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether its address is verified, if `TOKEN_CLAIMS` has `email_verified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Its language, if `TOKEN_CLAIMS` has `locale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// The login that a token is issued for.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// When the session was started.
    pub started_at: DateTime<Utc>,
    /// When the session ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// The role of the account.
    pub role: Role,
    /// Whether its address is verified.
    pub is_verified: bool,
    /// The tag (BCP 47) of its language.
    pub locale: String,
}

/// The header of our tokens; no other members are allowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    typ: String,
    alg: String,
    kid: String,
}

/// A public key in JWK form (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    /// The key, in base64url.
    pub x: String,
}

impl PublicKey {
    /// The public key of a seed.
    ///
    /// # Errors
    ///
    /// If the seed does not have 32 bytes.
    pub(super) fn of_seed(seed: &SecretBox<[u8]>) -> anyhow::Result<Self> {
        Ok(Self::new(key_pair(seed)?.public_key().as_ref()))
    }

    fn new(bytes: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(bytes);
        // The required members in lexicographic order, without white space (RFC 7638, section 3).
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self { kid: URL_SAFE_NO_PAD.encode(sha256(&jwk)), x }
    }
}

fn key_pair(seed: &SecretBox<[u8]>) -> anyhow::Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed.expose_secret())
        .context("a signing key is not an Ed25519 seed")
}

/// Issues and verifies access tokens.
pub struct AccessTokens {
    issuer: String,
    audience: String,
    life: Duration,
    account_claims: Vec<AccountClaim>,
    signing: EncodingKey,
    /// By key id.
    verifying: HashMap<String, DecodingKey>,
    /// The first one signs.
    public: Vec<PublicKey>,
    /// Tokens with a valid signature, by the SHA-256 of the whole token. A look-up takes 1 µs, a
    /// verification 30.
    seen: moka::sync::Cache<[u8; 32], Arc<Claims>>,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").field("public", &self.public).finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Allowed difference between the clocks of our processes, in seconds.
    const LEEWAY_S: i64 = 5;
    /// Verified tokens to keep, about 300 bytes each.
    const MAX_SEEN: u64 = 50_000;

    /// Makes it from Ed25519 seeds: the first signs, all verify.
    ///
    /// # Errors
    ///
    /// If there is no seed, or a seed does not have 32 bytes.
    pub fn new(
        seeds: &[SecretBox<[u8]>],
        issuer: String,
        audience: String,
        life: Duration,
        account_claims: Vec<AccountClaim>,
    ) -> anyhow::Result<Self> {
        let signing = key_pair(seeds.first().context("there is no signing key")?)?
            .to_pkcs8v1()
            .context("a signing key cannot be encoded")?;
        let public = seeds.iter().map(PublicKey::of_seed).collect::<anyhow::Result<Vec<_>>>()?;
        let verifying = public
            .iter()
            .map(|key| anyhow::Ok((key.kid.clone(), DecodingKey::from_ed_components(&key.x)?)));
        Ok(Self {
            issuer,
            audience,
            life,
            account_claims,
            signing: EncodingKey::from_ed_der(signing.as_ref()),
            verifying: verifying.collect::<anyhow::Result<_>>()?,
            public,
            seen: moka::sync::Cache::builder()
                .max_capacity(Self::MAX_SEEN)
                .time_to_live(life)
                .build(),
        })
    }

    /// Issues a token for a session and returns it with its lifetime in seconds. It never outlives the
    /// session.
    ///
    /// # Errors
    ///
    /// If signing fails, which is a defect.
    pub fn issue(&self, login: &Login, now: DateTime<Utc>) -> Result<(String, i64)> {
        let iat = now.timestamp();
        let exp = iat.saturating_add(self.life_s()).min(login.ends_at.timestamp());
        let adds = |claim| self.account_claims.contains(&claim);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: login.user_id,
            sid: login.session_id,
            iat,
            exp,
            nbf: 0,
            jti: Uuid::new_v4(),
            auth_time: login.started_at.timestamp(),
            amr: vec!["pwd".into()],
            role: adds(AccountClaim::Role).then_some(login.role),
            email_verified: adds(AccountClaim::EmailVerified).then_some(login.is_verified),
            locale: adds(AccountClaim::Locale).then(|| login.locale.clone()),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.public[0].kid.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.signing)
            .context("an access token cannot be signed")?;
        Ok((token, exp - iat))
    }

    /// Verifies a token. The caller checks whether its session is alive.
    ///
    /// # Errors
    ///
    /// [`Refusal::TokenInvalid`] for every invalid token.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Claims>> {
        let key = sha256(token);
        let claims = match self.seen.get(&key) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.check(token).ok_or(Refusal::TokenInvalid)?);
                self.seen.insert(key, Arc::clone(&claims));
                claims
            }
        };
        let now = now.timestamp();
        let latest = now.saturating_add(Self::LEEWAY_S);
        let is_early = claims.iat > latest || !(0..=latest).contains(&claims.nbf);
        // The lifetime was shortened since the token was issued.
        let is_too_long = claims.exp.saturating_sub(claims.iat) > self.life_s();
        if claims.exp <= now || is_early || is_too_long {
            return Err(Refusal::TokenInvalid.into());
        }
        Ok(claims)
    }

    /// The issuer and the audience of all tokens.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.issuer, &self.audience)
    }

    /// The claims about the account that tokens contain.
    #[must_use]
    pub fn account_claims(&self) -> &[AccountClaim] {
        &self.account_claims
    }

    /// The public keys, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn public_keys(&self) -> &[PublicKey] {
        &self.public
    }

    fn life_s(&self) -> i64 {
        i64::try_from(self.life.as_secs()).unwrap_or(i64::MAX)
    }

    fn check(&self, token: &str) -> Option<Claims> {
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
        let header: TokenHeader = serde_json::from_slice(&header).ok()?;
        if header.alg != "EdDSA" || header.typ != "at+jwt" {
            return None;
        }
        let key = self.verifying.get(&header.kid)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[&self.audience]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // `verify` checks the times on every look-up, by our clock.
        rules.validate_exp = false;
        jsonwebtoken::decode::<Claims>(token, key, &rules).ok().map(|data| data.claims)
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests;
