//! `GET /.well-known/jwks.json`.

use keyward_core::infra::access_tokens::PublicKey;

use crate::routes::prelude::*;

pub(crate) struct KeyQueries;

/// The keys that verify access tokens (RFC 7517).
#[derive(Debug, Object)]
pub(crate) struct Jwks {
    /// The keys. More than one during a rotation.
    keys: Vec<Jwk>,
}

objects! {
    /// A public Ed25519 key (RFC 8037).
    Jwk from key: &PublicKey {
        /// Always `OKP`.
        kty: String = "OKP",
        /// Always `Ed25519`.
        crv: String = "Ed25519",
        /// Always `EdDSA`.
        alg: String = "EdDSA",
        /// Always `sig`.
        #[oai(rename = "use")]
        usage: String = "sig",
        /// The thumbprint of the key (RFC 7638), as in the header of a token.
        kid: String = &key.kid,
        /// The public key, base64url.
        x: String = &key.x,
    }
}

#[derive(ApiResponse)]
enum KeySet {
    /// The keys. Cache them for minutes, not days, so that a rotation can finish.
    #[oai(status = 200)]
    Jwks(
        Json<Jwks>,
        /// How long the keys may be cached.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Keys")]
impl KeyQueries {
    /// List the keys that verify access tokens
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "get_jwks")]
    async fn get_jwks(&self, context: Context<'_>) -> Result<KeySet, Problem> {
        let keys = context.app.tokens.public_keys().iter().map(Jwk::from).collect();
        Ok(KeySet::Jwks(Json(Jwks { keys }), "public, max-age=300".into()))
    }
}
