use keyward_tests::Account;
use serde_json::{Value, json};

use keyward_tests::{House, Program};

/// Types `keyward-api keys ..` and returns the key ids it shows, the one that signs first.
async fn keys(house: &House, args: &[&str]) -> Vec<String> {
    let args = [&["keys"], args, &["--env-file", ".env"]].concat();
    let (is_done, said) = house.run("keyward-api", &args).await;
    assert!(is_done, "{args:?}: {said}");
    let ids = said.lines().filter(|line| line.contains("verifies"));
    ids.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

async fn published(house: &House, api: &Program) -> Vec<String> {
    let client = reqwest::Client::new();
    let reply = client.get(format!("{}/.well-known/jwks.json", api.url)).send().await.unwrap();
    let keys: Value = reply.json().await.unwrap();
    assert!(!keys.to_string().contains(house.setting("LINK_KEY")));
    keys["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

/// A token that a certain process has signed.
async fn log_in(house: &House, api: &Program, account: &Account) -> String {
    let body = json!({"email": account.email, "password": account.password});
    let request = reqwest::Client::new().post(format!("{}/v1/sessions", api.url)).json(&body);
    house.send(request).await.expect(201).json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_process_by_process_and_no_token_is_refused_before_its_key_is_retired() {
    let mut house = House::new().await;
    house.move_to_env_file("SIGNING_KEYS");
    let (mut first, mut second) = (house.start_api().await, house.start_another_api().await);
    let worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let mut tokens = vec![log_in(&house, &first, &ada).await];
    let old = keys(&house, &["list"]).await.remove(0);

    // Publish.
    let new = keys(&house, &["rotate"]).await.remove(1);
    let refused = house.run("keyward-api", &["keys", "rotate", "--env-file", ".env"]).await;
    assert!(!refused.0 && refused.1.contains("under way"), "{}", refused.1);
    for (step, signs) in [("publish", &old), ("promote", &new)] {
        if step == "promote" {
            assert_eq!(keys(&house, &["promote", &new]).await, [new.clone(), old.clone()]);
        }
        assert!(first.stop().await);
        first = house.start_api().await;
        assert_eq!(&published(&house, &first).await[0], signs);
        tokens.push(log_in(&house, &first, &ada).await);
        tokens.push(log_in(&house, &second, &ada).await);
        for token in &tokens {
            for api in [&first, &second] {
                house.me_at(&api.url, token).await.expect(200);
            }
        }
        assert!(second.stop().await);
        second = house.start_another_api().await;
        tokens.push(log_in(&house, &second, &ada).await);
        assert_eq!(published(&house, &second).await.len(), 2);
    }

    // Retire.
    let refused = house.run("keyward-api", &["keys", "retire", &new, "--env-file", ".env"]).await;
    assert!(!refused.0 && refused.1.contains("signs"), "{}", refused.1);
    assert_eq!(keys(&house, &["retire", &old]).await, std::slice::from_ref(&new));
    for (api, url) in [(first, true), (second, false)] {
        assert!(api.stop().await);
        let api = if url { house.start_api().await } else { house.start_another_api().await };
        assert_eq!(published(&house, &api).await, std::slice::from_ref(&new));
        house.me_at(&api.url, &tokens[0]).await.expect_problem(401, "token_invalid");
        house.me_at(&api.url, tokens.last().unwrap()).await.expect(200);
        assert!(api.stop().await);
    }
    drop(worker);
    house.clear().await;
}
