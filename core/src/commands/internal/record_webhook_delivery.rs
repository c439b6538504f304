//! Writing down what became of an attempt to deliver.

use chrono::{DateTime, Duration, Utc};

use crate::{
    App, Command, Result,
    app::Tx,
    domain::{DeliveryState, DisableReason, WebhookDeliveryId, WebhookId},
    events::Event,
    origin::Origin,
};

/// Writes down what became of an attempt to deliver. An endpoint that wants nothing more, or has
/// taken nothing for five days, is disabled, what waits for it is given up, and an event says so.
#[derive(Debug)]
pub struct RecordWebhookDelivery {
    /// What was delivered.
    pub delivery_id: WebhookDeliveryId,
    /// The round that the attempt belonged to: what is asked for once more meanwhile goes on.
    pub round: i32,
    /// The HTTP status that came, if one did.
    pub status: Option<u16>,
    /// What became of it.
    pub outcome: WebhookOutcome,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// It has arrived.
    Delivered,
    /// It has not, in words; when it is tried again, if it is.
    Failed(String, Option<DateTime<Utc>>),
    /// The endpoint wants nothing more (410).
    Gone,
}

/// An endpoint that has taken nothing for so long is disabled.
const FAILING_FOR: Duration = Duration::days(5);
/// After so long without an attempt, an earlier failure says nothing about the endpoint any more.
/// Longer than the longest wait between two attempts.
const SILENCE: Duration = Duration::days(2);

impl Command for RecordWebhookDelivery {
    /// Whether there is still something to deliver.
    type Output = bool;
    const NAME: &'static str = "record_webhook_delivery";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let mut tx = app.begin(origin).await?;
        // The endpoint before its delivery, as everybody locks them.
        let verdict = self.judge(&mut tx).await?;
        let state = self.outcome.state();
        let (error, next_try_at) = match &self.outcome {
            WebhookOutcome::Delivered => (None, None),
            WebhookOutcome::Failed(error, at) => (Some(error.as_str()), *at),
            WebhookOutcome::Gone => (Some("the endpoint wants nothing more"), None),
        };
        let now = tx.now;
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
            now,
        )
        .execute(tx.sql())
        .await?;
        if recorded.rows_affected() == 0 {
            // Asked for once more since, or deleted: somebody else's business.
            return Ok(false);
        }
        if let Some((webhook_id, reason)) = verdict {
            disable(&mut tx, webhook_id, reason).await?;
        }
        tx.commit().await?;
        Ok(verdict.is_none() && state == DeliveryState::Pending)
    }
}

impl WebhookOutcome {
    const fn state(&self) -> DeliveryState {
        match self {
            Self::Delivered => DeliveryState::Delivered,
            Self::Failed(_, Some(_)) => DeliveryState::Pending,
            Self::Failed(_, None) | Self::Gone => DeliveryState::Failed,
        }
    }
}

impl RecordWebhookDelivery {
    /// What the attempt says of the endpoint: whether, and why, it is to be disabled.
    async fn judge(&self, tx: &mut Tx) -> Result<Option<(WebhookId, DisableReason)>> {
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
               returning webhook_id, failing_since as "since!""#,
            self.delivery_id.0,
            self.round,
            now,
            now - SILENCE,
        )
        .fetch_optional(tx.sql())
        .await?;
        Ok(failing.and_then(|webhook| {
            let reason = match self.outcome {
                WebhookOutcome::Gone => DisableReason::Gone,
                _ if webhook.since <= now - FAILING_FOR => DisableReason::Failing,
                _ => return None,
            };
            Some((WebhookId(webhook.webhook_id), reason))
        }))
    }
}

async fn disable(tx: &mut Tx, webhook_id: WebhookId, reason: DisableReason) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "with disabled as (
             update webhooks set disabled_at = $2, disabled_reason = $3, updated_at = $2
             where webhook_id = $1
         )
         update webhook_deliveries set state = 'failed', next_try_at = null, updated_at = $2
         where webhook_id = $1 and state = 'pending'",
        webhook_id.0,
        now,
        reason.as_str(),
    )
    .execute(tx.sql())
    .await?;
    tx.emit(Event::WebhookDisabled { webhook_id, reason });
    Ok(())
}
