use keyward_stack::secret;
use keyward_tests::{Options, World};
use sqlx::Row as _;

const PATH: &str = "/v1/events";

#[tokio::test(flavor = "multi_thread")]
async fn altered_service_token_is_refused() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let other = world.service_token(&root, &["events:read"]).await.token;
    let good = world.service_token(&root, &["events:read"]).await.token;
    world.get_as(&good, PATH).await.expect(200);
    let swapped = |at: usize| {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &good[..at], &good[at + 1..])
    };
    let mut forged = vec![
        good[..good.len() - 1].to_owned(),
        good[1..].to_owned(),
        format!("{good}A"),
        format!("{good}="),
        good.to_uppercase(),
        good.to_lowercase(),
        good.replacen("kws_", "kwr_", 1),
        good.replacen("kws_", "kws", 1),
        "kws_".to_owned(),
        format!("kws_{}", "A".repeat(86)),
        // The half of one token and the end of another.
        format!("{}{}", &good[..40], &other[40..]),
    ];
    forged.extend((0..good.len()).step_by(7).map(swapped));

    for token in forged {
        let reply = world.get_as(&token, PATH).await.expect_problem(401, "token_invalid");
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert!(!reply.text.contains(&token), "{}", reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn token_that_was_never_issued_costs_no_query() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let foreign = World::with(Options::default().set("SESSION_KEY", secret::key().unwrap())).await;
    let foreign_root = foreign.administrator("root").await;
    // Well formed, with a right checksum, of another installation.
    let forged = foreign.service_token(&foreign_root, &["events:read"]).await.token;
    let good = world.service_token(&root, &["events:read"]).await.token;
    world.get_as(&good, PATH).await.expect(200);

    world.sql("alter table service_tokens rename to lost").await;

    world.get_as(&forged, PATH).await.expect_problem(401, "token_invalid");
    world.get_as(&good, PATH).await.expect_problem(500, "defect");
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_of_the_database_does_not_make_a_service_token() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    world.get_as(&made.token, PATH).await.expect(200);
    // The same row under another key.
    let foreign = World::with(Options::default().set("SESSION_KEY", secret::key().unwrap())).await;
    let row = sqlx::query("select row_to_json(service_tokens)::text from service_tokens")
        .fetch_one(&world.db)
        .await
        .unwrap();
    let row: String = row.get(0);
    sqlx::query(
        "insert into service_tokens select * from json_populate_record(null::service_tokens, $1::json)",
    )
    .bind(&row)
    .execute(&foreign.db)
    .await
    .unwrap();

    foreign.get_as(&made.token, PATH).await.expect_problem(401, "token_invalid");
    assert!(!row.contains(&made.token[10..]), "the row does not contain the token");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_row_secret_makes_a_service_token_invalid() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;

    world.sql("update service_tokens set secret = sha256(secret)").await;

    world.get_as(&made.token, PATH).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_other_kinds_are_not_interchangeable() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    let service = world.service_token(&root, &["tokens:introspect"]).await.token;

    world.me(&tokens.refresh).await.expect_problem(401, "token_invalid");
    world.refresh(&service).await.expect_problem(401, "session_ended");
    world
        .confirm_reset(&service, "a wholly new beginning")
        .await
        .expect_problem(400, "link_invalid");
    for other in [&service, &tokens.refresh, "", "x", "a.b.c"] {
        let reply = world.introspect(&service, other).await.expect(200);
        assert_eq!(reply.text, "{\"active\":false}", "{other}");
    }
}
