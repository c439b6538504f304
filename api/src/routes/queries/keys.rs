//! `GET /.well-known/jwks.json`.

use crate::routes::prelude::*;

pub(crate) struct KeyQueries;

/// The keys that verify access tokens (RFC 7517).
#[derive(Debug, Object)]
pub(crate) struct Jwks {
    /// The keys. More than one during a rotation.
    keys: Vec<Jwk>,
}

/// A public Ed25519 key (RFC 8037).
#[derive(Debug, Object)]
pub(crate) struct Jwk {
    /// Always `OKP`.
    kty: String,
    /// Always `Ed25519`.
    crv: String,
    /// Always `EdDSA`.
    alg: String,
    /// Always `sig`.
    #[oai(rename = "use")]
    usage: String,
    /// The thumbprint of the key (RFC 7638), as in the header of a token.
    kid: String,
    /// The public key, base64url.
    x: String,
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
        let keys = context.app.tokens.public_keys().iter().map(|key| Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            alg: "EdDSA".into(),
            usage: "sig".into(),
            kid: key.kid.clone(),
            x: key.x.clone(),
        });
        Ok(KeySet::Jwks(Json(Jwks { keys: keys.collect() }), "public, max-age=300".into()))
    }
}
