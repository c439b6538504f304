use std::time::Duration;

use serde_json::json;

use super::forged::{Forger, all_refused};

#[tokio::test(flavor = "multi_thread")]
async fn mistyped_missing_and_distant_claims_are_rejected() {
    let (world, forger) = Forger::new().await;
    let now = world.app.clock.now().timestamp();
    let mut forged = Vec::new();

    for member in ["iss", "aud", "sub", "sid", "iat", "exp", "jti", "nbf"] {
        if member != "nbf" {
            forged.push((format!("without {member}"), forger.without_claim(member)));
        }
        for odd in
            [json!(null), json!([]), json!({}), json!(true), json!(""), json!(-1), json!(1.5)]
        {
            let token = forger.with_claim(member, odd.clone());
            forged.push((format!("{member} = {odd}"), token));
        }
    }
    for (member, value) in [
        ("exp", json!(now.to_string())),
        ("exp", json!(now - 1)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!(now + 86_400)),
        ("iat", json!(now + 61)),
        ("iat", json!(now + 86_400)),
        ("iat", json!(i64::MIN)),
        ("nbf", json!(now.to_string())),
        ("nbf", json!(now + 75)),
        ("nbf", json!(now + 86_400)),
        ("nbf", json!(i64::MAX)),
        ("nbf", json!(u64::MAX)),
        ("sub", json!("admin")),
        ("sub", json!("00000000-0000-0000-0000-000000000000' or 1=1")),
    ] {
        forged.push((format!("{member} = {value}"), forger.with_claim(member, value)));
    }
    let no_object = [json!([]), json!("claims"), json!(null), json!(7)];
    forged.extend(no_object.map(|no| (no.to_string(), forger.token(&forger.header, &no))));

    all_refused(&world, forged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_is_rejected_until_its_not_before_time() {
    let (world, forger) = Forger::new().await;
    let now = world.app.clock.now().timestamp();
    let early = forger.with_claim("nbf", json!(now + 120));
    world.me(&forger.with_claim("nbf", json!(now))).await.expect(200);

    for _ in 0..2 {
        world.me(&early).await.expect_problem(401, "token_invalid");
        world.clock.advance(Duration::from_secs(55));
    }
    world.clock.advance(Duration::from_secs(10));

    world.me(&early).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn audience_issuer_and_type_are_checked() {
    let (world, forger) = Forger::new().await;
    let issuer = forger.claims["iss"].as_str().unwrap().to_owned();

    let claims = [
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{issuer}/"))),
        ("iss", json!([issuer])),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("aud", json!("")),
    ];
    let types = [json!("JWT"), json!("refresh+jwt"), json!("AT+JWTX"), json!(null), json!(1)];
    let claims = claims.map(|(name, value)| (name.to_owned(), forger.with_claim(name, value)));
    let types = types.map(|value| (value.to_string(), forger.with_header("typ", value)));

    all_refused(&world, claims.into_iter().chain(types)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn valid_signature_does_not_grant_another_users_session() {
    let (world, forger) = Forger::new().await;
    let bob = world.account("bobby").await;
    let others = world.log_in(&bob).await;

    for (member, value) in [
        ("sub", json!(world.user_id(&bob.email).await)),
        ("sub", json!(uuid::Uuid::new_v4())),
        ("sid", json!(others.session_id)),
        ("sid", json!(uuid::Uuid::new_v4())),
    ] {
        let token = forger.with_claim(member, value);
        world.me(&token).await.expect_problem(401, "session_ended");
    }
    world.me(&others.access).await.expect(200);
}
