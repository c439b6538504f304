use keyward_tests::Account;

use keyward_tests::{Cluster, Program};

/// Runs `keyward-api keys ..` and returns the key ids that it prints, the signing key first.
async fn keys(cluster: &Cluster, args: &[&str]) -> Vec<String> {
    let args = [&["keys"], args, &["--env-file", ".env"]].concat();
    let (is_done, output) = cluster.run("keyward-api", &args).await;
    assert!(is_done, "{args:?}: {output}");
    let ids = output.lines().filter(|line| line.contains("verifies"));
    ids.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

async fn published(cluster: &Cluster, api: &Program) -> Vec<String> {
    let request = cluster.client.get(format!("{}/.well-known/jwks.json", api.url));
    let keys = cluster.send(request).await.expect(200).json();
    assert!(!keys.to_string().contains(cluster.setting("LINK_KEY")));
    keys["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

/// Logs in at one of the APIs. Returns the access token.
async fn log_in(cluster: &Cluster, api: &Program, account: &Account) -> String {
    let request = cluster.client.post(format!("{}/v1/sessions", api.url));
    cluster.send(request.json(&account.credentials())).await.expect(201).json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_valid_until_their_key_is_retired() {
    let mut cluster = Cluster::new().await;
    cluster.move_to_env_file("SIGNING_KEYS");
    let (mut first, mut second) = (cluster.start_api().await, cluster.start_another_api().await);
    let worker = cluster.start_worker().await;
    let ada = cluster.account("ada").await;
    let mut tokens = vec![log_in(&cluster, &first, &ada).await];
    let old = keys(&cluster, &["list"]).await.remove(0);

    // Publish.
    let new = keys(&cluster, &["rotate"]).await.remove(1);
    let refused = cluster.run("keyward-api", &["keys", "rotate", "--env-file", ".env"]).await;
    assert!(!refused.0 && refused.1.contains("in progress"), "{}", refused.1);
    for (step, signs) in [("publish", &old), ("promote", &new)] {
        if step == "promote" {
            assert_eq!(keys(&cluster, &["promote", &new]).await, [new.clone(), old.clone()]);
        }
        first.stop().await;
        first = cluster.start_api().await;
        assert_eq!(&published(&cluster, &first).await[0], signs);
        tokens.push(log_in(&cluster, &first, &ada).await);
        tokens.push(log_in(&cluster, &second, &ada).await);
        for token in &tokens {
            for api in [&first, &second] {
                cluster.me_at(&api.url, token).await.expect(200);
            }
        }
        second.stop().await;
        second = cluster.start_another_api().await;
        tokens.push(log_in(&cluster, &second, &ada).await);
        assert_eq!(published(&cluster, &second).await.len(), 2);
    }

    // Retire.
    let refused = cluster.run("keyward-api", &["keys", "retire", &new, "--env-file", ".env"]).await;
    assert!(!refused.0 && refused.1.contains("signing key"), "{}", refused.1);
    assert_eq!(keys(&cluster, &["retire", &old]).await, std::slice::from_ref(&new));
    for (api, url) in [(first, true), (second, false)] {
        api.stop().await;
        let api = if url { cluster.start_api().await } else { cluster.start_another_api().await };
        assert_eq!(published(&cluster, &api).await, std::slice::from_ref(&new));
        cluster.me_at(&api.url, &tokens[0]).await.expect_problem(401, "token_invalid");
        cluster.me_at(&api.url, tokens.last().unwrap()).await.expect(200);
        api.stop().await;
    }
    drop(worker);
    cluster.clear().await;
}
