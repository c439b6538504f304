//! The emails: one queue, one table of kinds.

use std::time::Instant;

use keyward_core::{
    App,
    commands::internal::{
        EmailDeliveryOutcome, OutgoingEmail, RecordEmailDelivery, StartEmailDelivery,
    },
    domain::{MailId, MailKind},
    infra::{retry::RetryDelays, telemetry},
    origin::Origin,
};
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::{
    context::JobContext,
    mail::{EmailFacts, RenderedEmail, SendOutcome, SendResult},
    queue::{Job, JobError},
};

/// Emails with a link that a person waits for are fetched before notices.
const LINK: i32 = 1;
const NOTICE: i32 = 0;

/// The table: the kind of the job, its priority, and the kinds of email that it sends. What each says is
/// in the message files, under its name.
macro_rules! emails {
    ($($name:literal, $priority:ident: $($kind:ident),+;)+) => {
        /// The names of all kinds.
        const KINDS: &[&str] = &[$($name),+];

        const fn properties(kind: MailKind) -> (&'static str, i32) {
            match kind {
                $($(MailKind::$kind)|+ => ($name, $priority),)+
            }
        }
    };
}

emails! {
    "verification-email", LINK: Verification;
    "password-reset-email", LINK: PasswordReset;
    "forced-password-reset-email", LINK: PasswordResetForced;
    "email-change-confirmation-email", LINK: EmailChangeConfirmation;
    "invitation-email", LINK: Invitation;
    "already-registered-email", NOTICE: AlreadyRegistered;
    "password-changed-email", NOTICE: PasswordChanged;
    "email-change-notice-email", NOTICE: EmailChangeNotice;
    "email-changed-email", NOTICE: EmailChanged;
    // The event does not say which of its emails go to a former address.
    "account-deleted-email", NOTICE: AccountDeleted, FormerAccountDeleted;
    "account-deleted-by-admin-email", NOTICE: AccountDeletedByAdmin;
    "reuse-detected-email", NOTICE: ReuseDetected;
}

/// Sends one email. Carries an id, never a token or an address: the link is derived when the email is
/// sent, and only the ledger stores the address, until the relay accepts the email or it fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailJob {
    /// What the event asks for; the text follows the kind in the ledger.
    pub(crate) kind: MailKind,
    /// The email in the ledger.
    pub(crate) mail_id: MailId,
}

impl Job for EmailJob {
    const QUEUE: &'static str = "email";
    const KINDS: &'static [&'static str] = KINDS;
    const CONCURRENCY: usize = 16;

    fn kind(&self) -> &'static str {
        properties(self.kind).0
    }

    fn priority(&self) -> i32 {
        properties(self.kind).1
    }

    /// Sends the email if it is still due, and records the reply of the relay. A 5xx reply to `RCPT TO`
    /// or `DATA` is final; any other refusal or fault is retried, for more than a day. Safe to repeat:
    /// every attempt has the same link and the same `Message-ID`.
    async fn run(self, context: &JobContext, origin: &Origin) -> Result<(), JobError> {
        let delivery = deliver(self.mail_id, context.clone(), origin.clone());
        let result = context.deliveries.run(self.mail_id, delivery).await;
        result.unwrap_or(Err(JobError::Postpone))
    }
}

async fn deliver(mail_id: MailId, context: JobContext, origin: Origin) -> Result<(), JobError> {
    let app = &context.app;
    let Some(email) = app.execute(StartEmailDelivery(mail_id), &origin).await? else {
        tracing::info!(mail.id = %mail_id, "email {mail_id} is no longer due");
        return Ok(());
    };
    let facts = EmailFacts::new(&app.settings, &email, app.clock.now());
    let rendered = context.renderer.render(email.kind, &facts, email.locale);
    let rendered = rendered.map_err(JobError::fatal)?;
    let SendResult { outcome, reply } = send(&context, &email, rendered).await;
    let (kind, result) = (email.kind.as_str(), outcome.as_str());
    tracing::info!(mail.id = %mail_id, mail.kind = kind, outcome = result, reply, "email {mail_id}: {result}: {reply}");
    let (backoff, max_attempts) = (EmailJob::BACKOFF, EmailJob::MAX_ATTEMPTS);
    let next_attempt_at = backoff.next_attempt_at(email.attempt, max_attempts, app.clock.now());
    let (delivery, result) = match (outcome, next_attempt_at) {
        (SendOutcome::Accepted, _) => (EmailDeliveryOutcome::Accepted(reply), Ok(())),
        (SendOutcome::Deferred | SendOutcome::RelayUnavailable, Some(at)) => {
            (EmailDeliveryOutcome::Deferred(reply.clone(), at), Err(JobError::retry(reply)))
        }
        (SendOutcome::Refused, _) | (_, None) => {
            (EmailDeliveryOutcome::Failed(reply.clone()), Err(JobError::fatal(reply)))
        }
    };
    record(app, &origin, RecordEmailDelivery { mail_id, delivery }).await?;
    result
}

/// Records an outcome. An acceptance is recorded however long Postgres is unavailable: the email must not
/// be sent again.
async fn record(app: &App, origin: &Origin, record: RecordEmailDelivery) -> Result<(), JobError> {
    let mut delays = RetryDelays::default();
    while let Err(error) = app.execute(record.clone(), origin).await {
        if !matches!(record.delivery, EmailDeliveryOutcome::Accepted(_)) {
            return Err(error.into());
        }
        tracing::warn!(mail.id = %record.mail_id, ?error, "an acceptance waits to be recorded");
        tokio::time::sleep(delays.next_delay()).await;
    }
    Ok(())
}

/// Sends an email; measured and traced.
async fn send(context: &JobContext, email: &OutgoingEmail, rendered: RenderedEmail) -> SendResult {
    let step = tracing::debug_span!(
        "smtp",
        otel.name = "smtp",
        otel.kind = "client",
        mail.id = %email.mail_id,
        mail.kind = email.kind.as_str(),
        mail.outcome = tracing::field::Empty,
    );
    let started_at = Instant::now();
    let sending = context.mailer.send(email, rendered, context.app.clock.now());
    let result = sending.instrument(step.clone()).await;
    let is_up = result.outcome != SendOutcome::RelayUnavailable;
    context.app.metrics.work.mailed(result.outcome.as_str(), is_up, started_at.elapsed());
    step.record("mail.outcome", result.outcome.as_str());
    if result.outcome != SendOutcome::Accepted {
        telemetry::failed(&step);
    }
    result
}
