use keyward_core::domain::Scope;
use keyward_tests::{Reply, Route, Takes, World};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

async fn ask(world: &World, route: &Route, token: &str) -> Reply {
    let id = Uuid::now_v7().to_string();
    let request = world.request(route.method.clone(), &route.path(&id)).header("if-match", "*");
    let request = request.bearer_auth(token);
    // Every body lacks required members, so no route takes effect.
    world
        .send(match (route.takes, &route.method) {
            (Takes::Form, _) => request.form(&[("x", "y")]),
            (_, &Method::GET) => request,
            _ => request.json(&json!({})),
        })
        .await
}

/// The matrix of scopes and routes, from the document.
#[tokio::test(flavor = "multi_thread")]
async fn each_scope_allows_its_routes_and_no_other() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let routes: Vec<Route> = Route::all().into_iter().filter(|route| !route.is_public()).collect();
    let mut allowed = 0;

    for scope in Scope::ALL.iter().map(|scope| scope.as_str()) {
        let token = world.service_token(&root, &[scope]).await.token;
        for route in &routes {
            let reply = ask(&world, route, &token).await;
            let (status, name) = (reply.status.as_u16(), &route.name);
            if route.scope() == Some(scope) {
                assert!(![401, 403, 405].contains(&status), "{scope} {name}: {}", reply.text);
                allowed += 1;
                continue;
            }
            let reply = reply.expect_problem(403, "scope_missing");
            let challenge = match route.scope() {
                Some(needed) => {
                    format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"")
                }
                None => "Bearer error=\"insufficient_scope\"".to_owned(),
            };
            assert_eq!(reply.header("www-authenticate"), challenge, "{scope} {name}");
        }
    }

    let scoped = routes.iter().filter(|route| route.scope().is_some()).count();
    assert_eq!(allowed, scoped, "each route has one scope");
}

#[test]
fn what_belongs_to_people_has_no_scope() {
    for route in Route::all() {
        let is_personal = ["/me", "/v1/sessions", "/v1/service-tokens", "/avatar"]
            .iter()
            .any(|part| route.template.contains(part));
        let is_of_users = route.template == "/v1/users/{id}/sessions";
        if is_personal && !is_of_users {
            assert_eq!(route.scope(), None, "{}", route.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_cannot_use_routes_of_services() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.account("ada").await;
    let user = world.log_in(&ada).await.access;

    for route in Route::all().iter().filter(|route| route.is_for_services()) {
        ask(&world, route, &root).await.expect_problem(403, "scope_missing");
        ask(&world, route, &user).await.expect_problem(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn service_token_cannot_remove_the_last_administrator_or_skip_if_match() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let service = world.service_token(&root, &["users:write"]).await.token;
    let id = world.user_id("root@example.org").await;
    let path = format!("/v1/users/{id}");
    let role = json!({"role": "user"});

    let refused = world.put_if(&service, &format!("{path}/role"), "*", role.clone()).await;
    refused.expect_problem(409, "last_admin");
    let disabled = json!({"status": "disabled"});
    let refused = world.put_if(&service, &format!("{path}/status"), "*", disabled).await;
    refused.expect_problem(409, "last_admin");
    world.delete_as(&service, &path).await.expect_problem(409, "last_admin");
    let refused = world.put_as(&service, &format!("{path}/role"), role.clone()).await;
    refused.expect_problem(428, "if_match_required");
    let refused = world.put_if(&service, &format!("{path}/role"), "\"99\"", role).await;
    refused.expect_problem(412, "version_mismatch");
}
