//! Ids, keys and limits that no route accepts or finds.

use keyward_tests::{Route, Takes, World, pictures};
use serde_json::json;
use uuid::Uuid;

use super::callers::Callers;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_parameter_is_400() {
    let world = World::new().await;
    let callers = Callers::prepare(&world).await;

    for route in Route::with_status(400) {
        let path = match &route.template {
            template if template.contains("id}") => route.path("no-uuid"),
            // Not UTF-8.
            template if template.contains("{key}") => route.path("%ff"),
            template if route.has_parameter("limit") => format!("{template}?limit=0"),
            _ => continue,
        };
        let request = route.request(&world, &path, callers.of(&route));
        let reply = world.send(request.json(&json!({}))).await;
        assert_eq!(reply.status, 400, "{}: {}", route.name, reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_id_is_404() {
    let world = World::new().await;
    let callers = Callers::prepare(&world).await;
    let jpeg = pictures::jpeg(&pictures::photo(64, 64), 80);

    for route in Route::with_status(404) {
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
