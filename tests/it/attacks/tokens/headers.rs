use keyward_tests::World;
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use reqwest::{Method, header::HeaderValue};

const ME: &str = "/v1/users/me";

#[tokio::test(flavor = "multi_thread")]
async fn unusable_authorization_header_gets_a_challenge() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let good = format!("Bearer {}", world.log_in(&ada).await.access);
    let token = good["Bearer ".len()..].to_owned();

    for header in [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer a.b.c",
        "Bearer ..",
        "Basic YWRhOmFkYQ==",
        "bearer\tx",
        "Bearer Bearer x",
        &format!("Token {token}"),
        &format!("Bearer {token} {token}"),
        &format!("Bearer {token}, Bearer {token}"),
        &format!("Bearer \"{token}\""),
        &format!("Bearer {token}x"),
        &format!("Bearer {}", &token[1..]),
        &format!("Bearer{token}"),
        &token,
        &format!("Bearer {}", "a".repeat(8_000)),
    ] {
        let request = world.request(Method::GET, ME).header("authorization", header);
        let reply = world.send(request).await.expect_problem(401, "token_invalid");
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{header}");
    }
    let bytes = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let request = world.request(Method::GET, ME).header("authorization", bytes);
    world.send(request).await.expect_problem(401, "token_invalid");
    let twice = world.request(Method::GET, ME).bearer_auth(&token).bearer_auth(&token);
    world.send(twice).await.expect_problem(401, "token_invalid");
    let elsewhere = format!("{ME}?access_token={token}");
    let reply = world.get(&elsewhere).await.expect_problem(401, "token_missing");

    assert_eq!(reply.header("www-authenticate"), "Bearer");
    world.me(&token).await.expect(200);
    let lower = world.request(Method::GET, ME).header("authorization", format!("bearer {token}"));
    world.send(lower).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_in_the_authorization_header_are_401() {
    let world = World::new().await;
    let mut runner = TestRunner::deterministic();
    let schemes = ["", "Bearer ", "bearer ", "Basic ", "Bearer eyJ"];
    let bytes = proptest::collection::vec(0x20_u8..=0xff, 0..200);

    for nth in 0..200 {
        let mut value = schemes[nth % schemes.len()].as_bytes().to_vec();
        value.extend(bytes.new_tree(&mut runner).unwrap().current().iter().filter(|b| **b != 0x7f));
        let value = HeaderValue::from_bytes(&value).unwrap();
        let request = world.request(Method::GET, ME).header("authorization", &value);

        let reply = world.send(request).await;

        assert_eq!(reply.status, 401, "{value:?}: {}", reply.text);
    }
}
