use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_tests::World;
use serde_json::Value;

use super::User;

#[tokio::test(flavor = "multi_thread")]
async fn forged_limits_cursors_and_filters_are_rejected() {
    let world = World::new().await;
    let (user, root) = (User::new(&world, "user").await, world.administrator("root").await);
    let cursors = [
        String::new(),
        "' or 1=1 --".into(),
        "%00".into(),
        "null".into(),
        user.id.clone(),
        URL_SAFE_NO_PAD.encode([0xff; 15]),
        URL_SAFE_NO_PAD.encode([0xff; 17]),
        format!("{}==", URL_SAFE_NO_PAD.encode([0; 16])),
        "A".repeat(4_000),
    ];
    let hook = world.webhook(&root, "https://example.org/", &["user.deleted"]).await;
    let lists = [
        (user.token.as_str(), "/v1/sessions".to_owned()),
        (root.as_str(), "/v1/users".to_owned()),
        (root.as_str(), "/v1/invitations".to_owned()),
        (root.as_str(), format!("/v1/users/{}/sessions", user.id)),
        (root.as_str(), format!("/v1/users/{}/mails", user.id)),
        (root.as_str(), format!("/v1/users/{}/events", user.id)),
        (root.as_str(), "/v1/webhooks".to_owned()),
        (root.as_str(), format!("/v1/webhooks/{}/deliveries", hook.id)),
    ];

    for (token, path) in &lists {
        for cursor in &cursors {
            let reply = world.get_as(token, &format!("{path}?cursor={cursor}")).await;
            let reply = reply.expect_problem(400, "parameter_invalid");
            assert_eq!(reply.json()["errors"][0]["parameter"], "cursor", "{path} {cursor}");
        }
        for limit in
            ["0", "101", "-1", "1e2", "4294967296", "", "x", "1;drop table users", "%31%00"]
        {
            world.get_as(token, &format!("{path}?limit={limit}")).await.expect(400);
        }
        for made_up in [&[0; 16][..], &[0xff; 16], &[0; 24], &[0xff; 24]] {
            let cursor = URL_SAFE_NO_PAD.encode(made_up);
            world.get_as(token, &format!("{path}?cursor={cursor}")).await.expect(400);
        }
    }
    for state in ["x", ""] {
        world.get_as(&user.token, &format!("/v1/sessions?state={state}")).await.expect(400);
    }
    for filter in ["role=admin'--", "role=user,admin", "status=1", "role[]=admin&role=x"] {
        let path = format!("/v1/users?{filter}");
        let reply = world.get_as(&root, &path).await;
        assert_eq!(reply.status, 400, "{filter}: {}", reply.text);
    }
    for text in ["'; drop table users; --", "%25%25%25", "\\", "_____", "(", "a|b", ".*"] {
        let text: String = form(text);
        let found = world.get_as(&root, &format!("/v1/users?query={text}")).await.expect(200);
        assert_eq!(found.items(), [Value::Null; 0], "{text}");
    }
    assert_eq!(world.count("users").await, 2);
}

fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
