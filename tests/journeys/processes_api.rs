use std::time::Duration;

use keyward_tests::{Cluster, Reply, Rng, registration};
use reqwest::{Method, RequestBuilder};
use tokio::task::JoinSet;

/// Requests with one key at the same time.
const CLIENTS: usize = 20;

/// Sends a request until it is answered with 2xx, as a client that lost the answers does.
async fn answered(request: RequestBuilder) -> Reply {
    loop {
        let request = request.try_clone().unwrap().timeout(Duration::from_secs(10));
        if let Ok(response) = request.send().await {
            let (status, headers) = (response.status(), response.headers().clone());
            match response.text().await {
                Ok(text) if status.is_success() => return Reply { status, headers, text },
                Ok(text) => assert!(matches!(status.as_u16(), 409 | 503), "{status} {text}"),
                Err(_) => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_account_and_one_email_if_the_api_is_killed() {
    let cluster = Cluster::with(&[("REGISTRATION_DISCLOSURE", "conflict")]).await;
    let mut api = cluster.start_api().await;
    let _worker = cluster.start_worker().await;
    let mut rng = Rng::default();
    let mut emails = Vec::new();

    for round in 0..12 {
        let email = format!("user{round}@example.org");
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let request = cluster.request(Method::POST, "/v1/users").json(&registration(&email));
            clients.spawn(answered(request.header("idempotency-key", format!("key-{round}"))));
        }
        // Before, during or after the command of the first client.
        tokio::time::sleep(Duration::from_millis(rng.below(250) as u64)).await;
        api.kill().await;
        api = cluster.start_api().await;

        let answers = clients.join_all().await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.text), (201, &answers[0].text));
            assert_eq!(answer.header("location"), answers[0].header("location"));
        }
        emails.push(email);
    }

    cluster.settle().await;
    let users: i64 =
        sqlx::query_scalar("select count(*) from users").fetch_one(&cluster.db).await.unwrap();
    assert_eq!(users, 12);
    for email in emails {
        assert_eq!(cluster.mail.messages_to(&email).len(), 1, "{email}");
    }
    cluster.clear().await;
}
