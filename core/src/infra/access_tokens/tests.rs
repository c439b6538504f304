use super::*;
use crate::Error;
use serde_json::json;

fn seed(byte: u8) -> SecretBox<[u8]> {
    SecretBox::new(vec![byte; 32].into_boxed_slice())
}

fn tokens(seeds: &[u8]) -> AccessTokens {
    let seeds: Vec<_> = seeds.iter().map(|b| seed(*b)).collect();
    let life = Duration::from_secs(600);
    let claims = vec![AccountClaim::Role];
    AccessTokens::new(&seeds, "https://id.example".into(), "keyward".into(), life, claims).unwrap()
}

fn login(ends_at: DateTime<Utc>) -> Login {
    Login {
        user_id: UserId::new(),
        session_id: SessionId::new(),
        started_at: at(-60),
        ends_at,
        role: Role::Admin,
        is_verified: true,
        locale: "de".into(),
    }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn issue(tokens: &AccessTokens) -> String {
    tokens.issue(&login(at(9_999)), at(0)).unwrap().0
}

fn refused(tokens: &AccessTokens, token: &str, now: DateTime<Utc>) -> bool {
    matches!(tokens.verify(token, now), Err(Error::Refused(Refusal::TokenInvalid)))
}

#[test]
fn token_is_valid_until_it_expires() {
    let tokens = tokens(&[1]);
    let token = issue(&tokens);
    assert!(tokens.verify(&token, at(599)).is_ok());
    assert!(refused(&tokens, &token, at(600)));
    assert!(refused(&tokens, &token, at(-60)), "not yet issued");
}

#[test]
fn token_says_when_the_account_logged_in_and_what_the_settings_add() {
    let tokens = tokens(&[1]);
    let claims = tokens.verify(&issue(&tokens), at(1)).unwrap();
    assert_eq!((claims.auth_time, &claims.amr[..]), (at(-60).timestamp(), &["pwd".to_owned()][..]));
    assert_eq!((claims.role, claims.email_verified), (Some(Role::Admin), None));
    assert_eq!(claims.locale, None);
}

#[test]
fn token_never_outlives_its_session() {
    let tokens = tokens(&[1]);
    let (token, life) = tokens.issue(&login(at(10)), at(0)).unwrap();
    assert_eq!(life, 10);
    assert!(refused(&tokens, &token, at(10)));
}

#[test]
fn old_key_verifies_until_it_is_removed() {
    let token = issue(&tokens(&[1]));
    assert!(tokens(&[2, 1]).verify(&token, at(1)).is_ok());
    assert!(refused(&tokens(&[2]), &token, at(1)));
}

#[test]
fn only_our_algorithm_type_keys_and_claims_pass() {
    let tokens = tokens(&[1]);
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let ours = EncodingKey::from_ed_der(der.as_ref());
    let kid = tokens.public_keys()[0].kid.clone();
    let claims = json!({
        "iss": "https://id.example", "aud": "keyward", "sub": Uuid::new_v4(),
        "sid": Uuid::new_v4(), "jti": Uuid::new_v4(), "iat": at(0).timestamp(), "exp": at(600).timestamp(),
        "auth_time": at(-60).timestamp(), "amr": ["pwd"],
    });
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".into());
    header.kid = Some(kid.clone());
    let encode = |header: &Header, claims: &serde_json::Value| {
        jsonwebtoken::encode(header, claims, &ours).unwrap()
    };
    assert!(tokens.verify(&encode(&header, &claims), at(1)).is_ok(), "the control");

    for (member, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("other")),
        ("aud", json!(null)),
        ("sub", json!("admin")),
        ("sub", json!(7)),
        ("sid", json!(null)),
        ("jti", json!([])),
        ("exp", json!("tomorrow")),
        ("exp", json!(-1)),
        ("iat", json!(at(3_600).timestamp())),
        ("auth_time", json!("yesterday")),
        ("amr", json!("pwd")),
    ] {
        let mut changed = claims.clone();
        changed[member] = value.clone();
        assert!(refused(&tokens, &encode(&header, &changed), at(1)), "{member} = {value}");
        changed.as_object_mut().unwrap().remove(member);
        assert!(refused(&tokens, &encode(&header, &changed), at(1)), "without {member}");
    }
    for kid in [None, Some("../../etc/passwd"), Some("' or 1=1"), Some("")] {
        let mut changed = header.clone();
        changed.kid = kid.map(str::to_owned);
        assert!(refused(&tokens, &encode(&changed, &claims), at(1)), "kid {kid:?}");
    }
    let mut plain = header.clone();
    plain.typ = Some("JWT".into());
    assert!(refused(&tokens, &encode(&plain, &claims), at(1)), "typ");

    let mut hmac = Header::new(Algorithm::HS256);
    hmac.typ = Some("at+jwt".into());
    hmac.kid = Some(kid.clone());
    let x = URL_SAFE_NO_PAD.decode(&tokens.public_keys()[0].x).unwrap();
    let confused = jsonwebtoken::encode(&hmac, &claims, &EncodingKey::from_secret(&x)).unwrap();
    assert!(refused(&tokens, &confused, at(1)), "HS256 with the public key");

    let none = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{kid}"}}"#));
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    assert!(refused(&tokens, &format!("{none}.{body}."), at(1)), "alg none");
}

#[test]
fn changed_token_is_refused_after_the_original_was_seen() {
    let tokens = tokens(&[1]);
    let token = issue(&tokens);
    tokens.verify(&token, at(1)).unwrap();
    let cut = &token[..token.len() - 1];
    assert!(refused(&tokens, cut, at(1)));
    assert!(refused(&tokens, &format!("{token}="), at(1)));
    assert!(refused(&tokens, "", at(1)));
    assert!(refused(&tokens, "a.b.c", at(1)));
}

#[test]
fn key_id_is_the_thumbprint_of_rfc_8037() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let public_key = URL_SAFE_NO_PAD.decode(x).unwrap();
    assert_eq!(PublicKey::new(&public_key).kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}
