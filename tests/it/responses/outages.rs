//! What every route answers while Postgres is unreachable, and when its schema is broken.

use futures_util::future::join_all;
use keyward_tests::{Proxy, Reply, Route, Traffic, World};

use super::requests::Requests;

/// Routes that answer without Postgres: the public keys are settings, pictures are blobs, and reports of
/// providers are refused without their keys.
const WITHOUT_POSTGRES: [&str; 4] = [
    "GET /.well-known/jwks.json",
    "GET /v1/avatars/{key}",
    "POST /v1/mail-reports/mailgun",
    "POST /v1/mail-reports/sendgrid",
];

/// Sends the request of every route that uses Postgres at once.
async fn ask(world: &World, url: &str, requests: &Requests) -> Vec<(String, Reply)> {
    let routes = Route::all();
    let routes = routes.iter().filter(|route| !WITHOUT_POSTGRES.contains(&route.name.as_str()));
    let replies = routes.map(async |route| {
        (route.name.clone(), world.send(requests.request(world, url, route)).await)
    });
    join_all(replies).await
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_postgres_is_503() {
    let mut world = World::new().await;
    let database = world.settings()["DATABASE_URL"].clone();
    let proxy = Proxy::to_server(&database).await;
    let url = world.another_api_with(&[("DATABASE_URL", &proxy.url(&database))]).await;
    let requests = Requests::prepare(&world).await;
    world.drop_from_cache(format!("user:{}", world.user_id("ada@example.org").await)).await;

    proxy.set(Traffic::Cut);

    for (route, reply) in ask(&world, &url, &requests).await {
        assert_eq!(reply.status, 503, "{route}: {}", reply.text);
        assert!(!reply.header("retry-after").is_empty(), "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_schema_is_500_without_a_cause() {
    let world = World::new().await;
    let requests = Requests::prepare(&world).await;
    world.settle().await;
    world.drop_from_cache(format!("user:{}", world.user_id("ada@example.org").await)).await;

    world.sql("alter schema public rename to lost").await;

    for (route, reply) in ask(&world, &world.url, &requests).await {
        let code = (reply.status.as_u16(), reply.code());
        assert_eq!(code, (500, "defect".to_owned()), "{route}: {}", reply.text);
        assert!(!reply.text.contains("relation"), "{route}: {}", reply.text);
    }
}
