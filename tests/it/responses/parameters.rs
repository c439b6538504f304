//! Ids, keys and limits that no route accepts or finds.

use keyward_tests::{Route, Takes, World, pictures};
use serde_json::json;
use uuid::Uuid;

use super::callers::Callers;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_parameter_is_400() {
    let world = World::new().await;
    let callers = Callers::prepare(&world).await;

    for route in Route::all() {
        let (path, parameter) = match &route.template {
            template if template.contains("id}") => (route.path("no-uuid"), "id"),
            template if route.has_parameter("limit") => (format!("{template}?limit=0"), "limit"),
            _ => continue,
        };
        let request = route.request(&world, &path, callers.of(&route));
        let reply = world.send(request.json(&json!({}))).await;
        let reply = reply.expect_problem(400, "parameter_invalid");
        assert_eq!(reply.json()["errors"][0]["parameter"], parameter, "{}", route.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameter_is_400_after_the_rights() {
    let world = World::new().await;
    let callers = Callers::prepare(&world).await;

    for route in Route::all() {
        let path = format!("{}?debug=1", route.path("01a2049e-c8a0-71fa-b68f-95548df6bf78"));
        let request = route.request(&world, &path, callers.of(&route));
        let reply = world.send(request.json(&json!({}))).await;
        let reply = reply.expect_problem(400, "parameter_invalid");
        let error = &reply.json()["errors"][0];
        assert_eq!(
            (&error["parameter"], &error["code"]),
            (&json!("debug"), &json!("unknown_parameter"))
        );
        if !route.is_public() {
            let request = world.request(route.method.clone(), &path);
            world.send(request.json(&json!({}))).await.expect(401);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_invalid_parameters_are_named_with_what_is_allowed() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    let path = "/v1/users?limit=x&role=king&status=&colour=red&limit=7";
    let reply = world.get_as(&root, path).await.expect_problem(400, "parameter_invalid");

    insta::assert_json_snapshot!(reply.json()["errors"], @r#"
    [
      {
        "code": "malformed",
        "detail": "this must be a number from 1 to 100",
        "parameter": "limit"
      },
      {
        "code": "unknown_value",
        "detail": "this must be one of: user, admin",
        "parameter": "role"
      },
      {
        "code": "unknown_value",
        "detail": "this must be one of: active, disabled",
        "parameter": "status"
      },
      {
        "code": "unknown_parameter",
        "detail": "this parameter does not exist; there are: query, role, status, limit, cursor",
        "parameter": "colour"
      },
      {
        "code": "repeated",
        "detail": "this parameter may be sent once",
        "parameter": "limit"
      }
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_list_and_filters() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for name in ["ada", "bob"] {
        world.register(name).await;
    }
    let list = async |query: &str| world.get_as(&root, &format!("/v1/users?{query}")).await;
    let first = list("limit=1&query=example&role=user").await.expect(200);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();

    // The limit may change, and the order of the parameters.
    for same in ["limit=5&query=example&role=user", "role=user&query=example"] {
        let page = list(&format!("{same}&cursor={cursor}")).await.expect(200);
        assert_eq!(page.items().len(), 1, "{same}");
    }
    for other in ["query=example", "query=example&role=admin", "query=exampl&role=user", ""] {
        let reply = list(&format!("{other}&cursor={cursor}")).await;
        let reply = reply.expect_problem(400, "parameter_invalid");
        assert_eq!(reply.json()["errors"][0]["parameter"], "cursor", "{other}");
    }
    let path = format!("/v1/invitations?cursor={cursor}");
    world.get_as(&root, &path).await.expect_problem(400, "parameter_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_id_is_404() {
    let world = World::new().await;
    let callers = Callers::prepare(&world).await;
    let jpeg = pictures::jpeg(&pictures::photo(64, 64), 80);

    for route in Route::with_status(404) {
        if route.has_parameter("Idempotency-Key") && !route.template.contains('{') {
            continue;
        }
        let path = route.path(&Uuid::now_v7().to_string());
        let request = route.request(&world, &path, callers.of(&route));
        let request = match (route.takes, route.name.as_str()) {
            (Takes::Nothing, _) => request,
            (Takes::Picture, _) => request.header("content-type", "image/jpeg").body(jpeg.clone()),
            (_, "PUT /v1/users/{id}/role") => request.json(&json!({"role": "user"})),
            (_, "PUT /v1/users/{id}/status") => request.json(&json!({"status": "active"})),
            (..) => request.json(&json!({})),
        };
        let code = match route.template.split('/').nth(2) {
            Some("users") => "user_not_found",
            Some("mail-reports") => "provider_not_found",
            Some("sessions") => "session_not_found",
            Some("service-tokens") => "service_token_not_found",
            Some("invitations") => "invitation_not_found",
            Some("webhooks") => "webhook_not_found",
            Some("avatars") => "avatar_not_found",
            _ => "upload_not_found",
        };
        let reply = world.send(request).await;
        let answer = (reply.status.as_u16(), reply.code());
        assert_eq!(answer, (404, code.to_owned()), "{}: {}", route.name, reply.text);
    }
}
