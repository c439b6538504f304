use super::*;
use crate::{administrator::Administrator, domain::WebhookId, store::webhooks};

const BY: Administrator = Administrator::CommandLine;

async fn webhook(app: &App) -> WebhookId {
    let id = WebhookId::new();
    sqlx::query(
        "insert into webhooks (webhook_id, url, description, types, created_at, updated_at)
         values ($1, 'https://example.org', 'CRM', '{}', now(), now())",
    )
    .bind(id.0)
    .execute(&app.write)
    .await
    .unwrap();
    id
}

#[tokio::test]
async fn a_webhook_is_locked() {
    let app = app().await;
    let id = webhook(&app).await;
    let (_tx, locked) = webhooks::begin(&app, &Origin::default(), BY, id).await.unwrap();
    assert_eq!((locked.generation, locked.is_enabled), (1, true));
    let mut other = begin_impatient(&app).await;
    assert!(other.sql().execute("update webhooks set generation = 2").await.is_err());
}

#[tokio::test]
async fn an_unknown_webhook_is_refused() {
    let app = app().await;
    let begun = webhooks::begin(&app, &Origin::default(), BY, WebhookId::new()).await;
    assert_eq!(refusal(begun), Refusal::WebhookNotFound);
}

#[tokio::test]
async fn a_disabled_webhook_is_refused_where_it_must_be_enabled() {
    let app = app().await;
    let id = webhook(&app).await;
    assert!(webhooks::begin_enabled(&app, &Origin::default(), BY, id).await.is_ok());
    run(&app, "update webhooks set disabled_at = now(), disabled_reason = 'gone'").await;
    let refused = webhooks::begin_enabled(&app, &Origin::default(), BY, id).await;
    assert_eq!(refusal(refused), Refusal::WebhookDisabled);
    assert!(webhooks::begin(&app, &Origin::default(), BY, id).await.is_ok());
}
