//! `GET /.well-known/jwks.json`.

use keyward_core::App;
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use crate::http::{problem::Failure, tags::Tag};

pub(crate) struct KeyQueries;

/// The keys that verify our access tokens (RFC 7517).
#[derive(Debug, Object)]
pub(crate) struct Jwks {
    /// One, or two while keys are rotated.
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
    /// Its thumbprint (RFC 7638), as in the header of tokens.
    kid: String,
    /// The key, base64url.
    x: String,
}

#[derive(ApiResponse)]
enum Keys {
    /// The keys. Keep them for minutes, not days: that is how long a rotation takes.
    #[oai(status = 200)]
    Jwks(
        Json<Jwks>,
        /// How long they may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Keys")]
impl KeyQueries {
    /// The keys that verify access tokens
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "get_jwks")]
    async fn get_jwks(&self, app: Data<&App>) -> Result<Keys, Failure> {
        let keys = app.tokens.public_keys().iter().map(|key| Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            alg: "EdDSA".into(),
            usage: "sig".into(),
            kid: key.kid.clone(),
            x: key.x.clone(),
        });
        Ok(Keys::Jwks(Json(Jwks { keys: keys.collect() }), "public, max-age=300".into()))
    }
}
