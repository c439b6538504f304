use keyward_core::settings::Settings;
use keyward_stack::{process::Launch, secret};
use keyward_tests::{Options, Tokens, World, server};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn token_of_another_installation_is_rejected() {
    let (world, other) = (World::new().await, World::new().await);
    let ada = other.account("ada").await;
    let token = other.log_in(&ada).await.access;

    let reply = world.me(&token).await;

    reply.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_key_verifies_until_it_is_removed() {
    let (old, new) = (secret::key().unwrap(), secret::key().unwrap());
    let mut world = World::with(Options::default().set("SIGNING_KEYS", &old)).await;
    let (ada, signed_by_old) = world.logged_in("ada").await;

    let both = [new.as_str(), &old].join(",");
    let rotated = world.another_api_with(&[("SIGNING_KEYS", &both)]).await;
    let removed = world.another_api_with(&[("SIGNING_KEYS", &new)]).await;
    let login = world.request_at(&rotated, Method::POST, "/v1/sessions").json(&ada.credentials());
    let signed_by_new = &Tokens::of(&world.send(login).await.expect(201)).access;

    world.me_at(&rotated, &signed_by_old).await.expect(200);
    world.me_at(&rotated, signed_by_new).await.expect(200);
    world.me_at(&removed, signed_by_new).await.expect(200);
    world.me_at(&removed, &signed_by_old).await.expect_problem(401, "token_invalid");
    world.me(signed_by_new).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_or_missing_key_stops_the_start() {
    // 32 zero bytes.
    let same_byte = "A".repeat(43) + "=";
    for name in ["LINK_KEY", "SESSION_KEY", "WEBHOOK_KEY", "SIGNING_KEYS"] {
        for weak in ["", "change-me", "c2hvcnQ=", "not base64 at all", &same_byte] {
            let launch = Launch::new(std::path::Path::new(&server("BIN_DIR")).join("keyward-api"));
            let folder = keyward_stack::folder::scratch("weak-key").unwrap();
            std::fs::write(folder.path().join(".env"), "").unwrap();
            let log = folder.path().join("log");
            let mut launch =
                launch.folder(folder.path()).output(std::fs::File::create(&log).unwrap()).unwrap();
            for variable in Settings::table().iter().filter(|v| v.default.is_none()) {
                let good = match variable.name {
                    name if name.ends_with("_URL") => "smtp://127.0.0.1:1".to_owned(),
                    _ => secret::key().unwrap(),
                };
                let value = if variable.name == name { weak.to_owned() } else { good };
                launch = launch.env(variable.name, value);
            }

            let process = launch.spawn().unwrap();
            let ended = process.exited().await.unwrap();

            let output = std::fs::read_to_string(&log).unwrap();
            assert!(!ended.success() && output.contains(name), "{name}={weak:?}: {output}");
            assert!(
                weak.len() < 9 || !output.contains(weak),
                "the output contains a key: {output}"
            );
        }
    }
}
