use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use keyward_stack::secret;
use keyward_tests::{Options, Tokens, World};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Makes tokens of an active session, signed with the server's key or another one.
pub(super) struct Forger {
    pub(super) header: Value,
    pub(super) claims: Value,
    ours: EncodingKey,
    /// The server's public key.
    public: Vec<u8>,
}

impl Forger {
    pub(super) async fn new() -> (World, Self) {
        let seed = secret::key().unwrap();
        let world = World::with(Options::default().set("SIGNING_KEYS", &seed)).await;
        let ada = world.account("ada").await;
        let Tokens { access, .. } = world.log_in(&ada).await;
        let mut parts = access.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
        let public = world.app.tokens.public_keys()[0].x.clone();
        let forger = Self {
            header: part(),
            claims: part(),
            ours: key(&STANDARD.decode(seed).unwrap()),
            public: URL_SAFE_NO_PAD.decode(public).unwrap(),
        };
        // The control: an unaltered token is accepted.
        world.me(&forger.token(&forger.header, &forger.claims)).await.expect(200);
        (world, forger)
    }

    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.ours)
    }

    pub(super) fn with_header(&self, member: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[member] = value;
        self.token(&header, &self.claims)
    }

    pub(super) fn with_claim(&self, member: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[member] = value;
        self.token(&self.header, &claims)
    }

    pub(super) fn without_claim(&self, member: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(member).unwrap();
        self.token(&self.header, &claims)
    }
}

/// An Ed25519 key as PKCS#8 (RFC 8410, section 7).
fn key(seed: &[u8]) -> EncodingKey {
    let prefix = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    EncodingKey::from_ed_der(&[prefix, seed].concat())
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey) -> String {
    let message = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

pub(super) async fn all_refused(world: &World, forged: impl IntoIterator<Item = (String, String)>) {
    for (what, token) in forged {
        let reply = world.me(&token).await;
        let found = (reply.status.as_u16(), reply.code());
        assert_eq!(found, (401, "token_invalid".into()), "{what}: {}", reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_token_is_rejected() {
    let (world, forger) = Forger::new().await;
    let real = forger.token(&forger.header, &forger.claims);
    let signature = real.rsplit('.').next().unwrap();

    let forged = ["none", "None", "NONE", "nOnE", ""].into_iter().flat_map(|alg| {
        let mut header = forger.header.clone();
        header["alg"] = json!(alg);
        let message = unsigned(&header, &forger.claims);
        ["".to_owned(), ".".to_owned(), format!(".{signature}")]
            .map(|end| (format!("alg {alg:?} {end:?}"), format!("{message}{end}")))
    });

    all_refused(&world, forged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_key_cannot_sign() {
    let (world, forger) = Forger::new().await;
    let jwk = world.get("/.well-known/jwks.json").await.json()["keys"][0].to_string();

    let mut forged = Vec::new();
    for (name, algorithm) in
        [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)]
    {
        let mut header = forger.header.clone();
        header["alg"] = json!(name);
        let message = unsigned(&header, &forger.claims);
        let x = URL_SAFE_NO_PAD.encode(&forger.public);
        for secret in [&forger.public, x.as_bytes(), jwk.as_bytes(), b""] {
            let secret = EncodingKey::from_secret(secret);
            let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, algorithm).unwrap();
            forged.push((name.to_owned(), format!("{message}.{mac}")));
        }
    }

    all_refused(&world, forged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_algorithms_are_rejected() {
    let (world, forger) = Forger::new().await;

    let names =
        ["RS256", "PS512", "ES256", "ES384", "eddsa", "EDDSA", "Ed25519", "Ed448", "A256GCM"];
    let named = names.map(|name| (name.to_owned(), forger.with_header("alg", json!(name))));
    let odd = [json!(null), json!(7), json!(["EdDSA"]), json!({"alg": "EdDSA"})];
    let odd = odd.map(|value| (value.to_string(), forger.with_header("alg", value)));

    all_refused(&world, named.into_iter().chain(odd)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_signed_with_another_key_are_rejected() {
    let (world, forger) = Forger::new().await;
    let other = key(&[7; 32]);
    let real = forger.token(&forger.header, &forger.claims);
    let (message, signature) = real.rsplit_once('.').unwrap();

    all_refused(
        &world,
        [
            ("another key".into(), signed(&forger.header, &forger.claims, &other)),
            ("other claims".into(), {
                let mut claims = forger.claims.clone();
                claims["jti"] = json!(uuid::Uuid::new_v4());
                format!("{}.{signature}", unsigned(&forger.header, &claims))
            }),
            ("zero".into(), format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
            ("short".into(), format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 63]))),
            ("nested".into(), format!("{real}.{real}")),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn embedded_and_referenced_keys_are_ignored() {
    let (world, forger) = Forger::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&forger.public)});

    // Even a valid signature does not excuse such a header.
    let members = [
        ("jwk", jwk),
        ("jku", json!(url)),
        ("jku", json!("file:///etc/passwd")),
        ("x5u", json!(url)),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ];
    let forged = members.map(|(member, value)| {
        (format!("{member} = {value}"), forger.with_header(member, value.clone()))
    });
    all_refused(&world, forged).await;

    let connection = futures_util::FutureExt::now_or_never(listener.accept());
    assert!(connection.is_none(), "no key URL is fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_key_id_is_rejected_without_postgres() {
    let (world, forger) = Forger::new().await;
    let (_, uncached) = world.logged_in("bobby").await;
    // From here on, every query to Postgres fails as unavailable.
    world.app.read.close();

    let odd = [
        json!("../../../../etc/passwd"),
        json!("/dev/null"),
        json!("/dev/zero"),
        json!("' or 1=1 --"),
        json!("'; drop table users; --"),
        json!("http://127.0.0.1:1/key"),
        json!("$(reboot)"),
        json!("\u{0}"),
        json!(""),
        json!("k".repeat(10_000)),
        json!(null),
        json!(0),
        json!([]),
        json!({"$ne": null}),
    ];
    let forged = odd.map(|kid| (kid.to_string(), forger.with_header("kid", kid)));
    all_refused(&world, forged).await;

    world.me(&uncached).await.expect_problem(503, "unavailable");
}
