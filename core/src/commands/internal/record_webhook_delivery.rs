//! Recording the outcome of an attempt to deliver an event to a webhook.

use chrono::Duration;

use crate::{
    commands::prelude::*,
    domain::{DeliveryState, EndpointFailure, WebhookDeliveryId, WebhookId},
};

/// Records the outcome of an attempt. Disables a webhook whose endpoint answered 410, or has accepted
/// nothing for five days: discards its pending deliveries and emits [`Event::WebhookDisabled`].
///
/// Returns whether the delivery will be tried again.
pub struct RecordWebhookDelivery {
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
    /// The round of the attempt: a redelivery that was requested in the meantime goes on.
    pub round: i32,
    /// The HTTP status of the response, if there was one.
    pub status: Option<u16>,
    /// The outcome.
    pub outcome: WebhookOutcome,
}

/// The outcome of an attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// The endpoint accepted it.
    Delivered,
    /// It failed: why, and when it will be tried again, if it will.
    Failed(String, Option<DateTime<Utc>>),
    /// The endpoint answered 410: it wants no more deliveries.
    Gone,
}

/// How long an endpoint may accept nothing before its webhook is disabled.
const FAILING_FOR: Duration = Duration::days(5);
/// How long a failure counts. Longer than the longest delay between two attempts.
const FAILURE_COUNTS_FOR: Duration = Duration::days(2);

impl Command for RecordWebhookDelivery {
    type Output = bool;
    const NAME: &'static str = "record_webhook_delivery";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let mut tx = app.begin(origin).await?;
        // The webhook before its delivery, as everywhere.
        let disabled = self.record_health(&mut tx).await?;
        let (state, error, next_try_at) = match &self.outcome {
            WebhookOutcome::Delivered => (DeliveryState::Delivered, None, None),
            WebhookOutcome::Failed(error, next_try_at) => {
                let is_last = next_try_at.is_none();
                let state = if is_last { DeliveryState::Failed } else { DeliveryState::Pending };
                (state, Some(error.as_str()), *next_try_at)
            }
            WebhookOutcome::Gone => {
                (DeliveryState::Failed, Some("the endpoint wants no more deliveries"), None)
            }
        };
        let recorded = sqlx::query!(
            "update webhook_deliveries
             set state = $3, status = $4, error = $5, next_try_at = $6, updated_at = $7
             where delivery_id = $1 and round = $2 and state = 'pending'",
            self.delivery_id.0,
            self.round,
            state.as_str(),
            self.status.map(i32::from),
            error,
            next_try_at,
            tx.now,
        )
        .execute(tx.sql())
        .await?;
        if recorded.rows_affected() == 0 {
            // Requested again or deleted in the meantime.
            return Ok(false);
        }
        if let Some((webhook_id, reason)) = disabled {
            disable(&mut tx, webhook_id, reason).await?;
        }
        tx.commit().await?;
        Ok(disabled.is_none() && state == DeliveryState::Pending)
    }
}

impl RecordWebhookDelivery {
    /// Records whether the endpoint accepts deliveries. Returns the webhook to disable, and why.
    async fn record_health(&self, tx: &mut Tx) -> Result<Option<(WebhookId, EndpointFailure)>> {
        let now = tx.now;
        if self.outcome == WebhookOutcome::Delivered {
            sqlx::query!(
                "update webhooks set failing_since = null
                 where failing_since is not null
                       and webhook_id = (select webhook_id from webhook_deliveries
                                         where delivery_id = $1 and round = $2)",
                self.delivery_id.0,
                self.round,
            )
            .execute(tx.sql())
            .await?;
            return Ok(None);
        }
        let failing = sqlx::query!(
            r#"update webhooks
               set failing_since = case when last_failed_at > $4
                                        then coalesce(failing_since, $3) else $3 end,
                   last_failed_at = $3
               where disabled_at is null
                     and webhook_id = (select webhook_id from webhook_deliveries
                                       where delivery_id = $1 and round = $2)
               returning webhook_id as "id: WebhookId", failing_since as "since!""#,
            self.delivery_id.0,
            self.round,
            now,
            now - FAILURE_COUNTS_FOR,
        )
        .fetch_optional(tx.sql())
        .await?;
        Ok(failing.and_then(|webhook| match self.outcome {
            WebhookOutcome::Gone => Some((webhook.id, EndpointFailure::Gone)),
            _ if webhook.since <= now - FAILING_FOR => Some((webhook.id, EndpointFailure::Failing)),
            _ => None,
        }))
    }
}

async fn disable(tx: &mut Tx, webhook_id: WebhookId, reason: EndpointFailure) -> Result<()> {
    sqlx::query!(
        "with disabled as (
             update webhooks set disabled_at = $2, disabled_reason = $3, updated_at = $2
             where webhook_id = $1
         )
         update webhook_deliveries set state = 'failed', next_try_at = null, updated_at = $2
         where webhook_id = $1 and state = 'pending'",
        webhook_id.0,
        tx.now,
        reason.as_str(),
    )
    .execute(tx.sql())
    .await?;
    tx.emit(Event::WebhookDisabled { webhook_id, reason });
    Ok(())
}
