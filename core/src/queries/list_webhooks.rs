//! The endpoints that events are sent to.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{DisableReason, WebhookId},
};

/// The endpoints that events are sent to, the latest first, for administrators.
#[derive(Debug)]
pub struct ListWebhooks {
    /// Who asks.
    pub by: Administrator,
    /// Start after this one.
    pub after: Option<WebhookId>,
    /// How many at most.
    pub limit: i64,
}

/// An endpoint. Its secret is not in it.
#[derive(Debug, Clone)]
pub struct WebhookView {
    /// Its identity.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// What it is for, in the words of an administrator.
    pub description: String,
    /// The types of events that are sent to it; none for all.
    pub types: Vec<String>,
    /// Since when and why nothing is sent to it.
    pub disabled: Option<(DateTime<Utc>, DisableReason)>,
    /// Since when no delivery has arrived.
    pub failing_since: Option<DateTime<Utc>>,
    /// When its secret was last replaced.
    pub rotated_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Query for ListWebhooks {
    type View = Vec<WebhookView>;
    const NAME: &'static str = "list_webhooks";

    async fn handle(self, app: &App) -> Result<Vec<WebhookView>> {
        let mut sql = app.read_as(self.by).await?;
        read(&mut sql, None, self.after, self.limit).await
    }
}

/// One endpoint, or a page of them.
pub(super) async fn read(
    sql: &mut PgConnection,
    only: Option<WebhookId>,
    after: Option<WebhookId>,
    limit: i64,
) -> Result<Vec<WebhookView>> {
    let id = |id: Option<WebhookId>| -> Option<Uuid> { id.map(|id| id.0) };
    let rows = sqlx::query!(
        "select webhook_id, url, description, types, disabled_at, disabled_reason, failing_since,
                rotated_at, created_at, updated_at
         from webhooks
         where ($1::uuid is null or webhook_id = $1) and ($2::uuid is null or webhook_id < $2)
         order by webhook_id desc limit $3",
        id(only),
        id(after),
        limit,
    )
    .fetch_all(sql)
    .await?;
    rows.into_iter()
        .map(|row| {
            let reason = row.disabled_reason.map(|reason| reason.parse()).transpose()?;
            Ok(WebhookView {
                id: WebhookId(row.webhook_id),
                url: row.url,
                description: row.description,
                types: row.types,
                disabled: row.disabled_at.zip(reason),
                failing_since: row.failing_since,
                rotated_at: row.rotated_at,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
        .collect()
}
