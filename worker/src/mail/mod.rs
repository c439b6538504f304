//! Mails: taken from the ledger, written, handed to the relay, and noted what it said.

mod dkim;
pub(crate) mod doctor;
mod facts;
mod relay;
mod transport;

use std::time::Instant;

use keyward_core::{
    commands::internal::{EmailDeliveryOutcome, RecordEmailDelivery, StartEmailDelivery},
    domain::MailId,
    infra::telemetry,
    origin::Origin,
};
use tracing::Instrument as _;

use crate::{
    context::JobContext,
    queue::{Backoff, JobError, USUAL_ATTEMPTS},
};
pub use facts::Facts;
pub use transport::{Mailer, Sent};

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it is.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// The same with looks.
    pub html: String,
}

/// Defines `render`, which writes a mail with three templates: subject, text and HTML.
macro_rules! template {
    ($subject:literal, $text:literal, $html:literal) => {
        pub(super) fn render(
            mail: &crate::mail::Facts,
        ) -> Result<crate::mail::Rendered, askama::Error> {
            use askama::Template;

            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                mail: &'a crate::mail::Facts,
            }
            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                mail: &'a crate::mail::Facts,
            }
            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                mail: &'a crate::mail::Facts,
            }
            Ok(crate::mail::Rendered {
                subject: Subject { mail }.render()?,
                text: Text { mail }.render()?,
                html: Html { mail }.render()?,
            })
        }
    };
}
pub(crate) use template;

/// Delivers a mail of the ledger, if it is still due, and writes down what became of it.
///
/// What the relay refuses with 4xx, and every fault on the way, is tried again, as often and as late as
/// the queues usually do; 5xx is final.
pub(crate) async fn deliver(
    context: &JobContext,
    mail_id: MailId,
    render: fn(&Facts) -> Result<Rendered, askama::Error>,
) -> Result<(), JobError> {
    let origin = Origin::default();
    let Some(email) = context.app.execute(StartEmailDelivery(mail_id), &origin).await? else {
        tracing::info!(mail.id = %mail_id, "mail {mail_id} is not due any more");
        return Ok(());
    };
    let facts = Facts::new(&context.app.settings, &email, context.app.clock.now());
    let mail = render(&facts).map_err(JobError::give_up)?;
    let step = tracing::debug_span!(
        "smtp",
        otel.name = "smtp",
        otel.kind = "client",
        mail.id = %mail_id,
        mail.kind = email.kind.as_str(),
        mail.outcome = tracing::field::Empty,
    );
    let began_at = Instant::now();
    let sending = context.mailer.send(&email, mail, context.app.clock.now());
    let sent = sending.instrument(step.clone()).await;
    context.app.metrics.work.mailed(sent.outcome(), began_at.elapsed());
    step.record("mail.outcome", sent.outcome());
    if !matches!(sent, Sent::Accepted(_)) {
        telemetry::failed(&step);
    }
    let next_try_at =
        Backoff::USUAL.next_try(email.attempt, USUAL_ATTEMPTS, context.app.clock.now());
    let delivery = match (&sent, next_try_at) {
        (Sent::Accepted(reply), _) => EmailDeliveryOutcome::Accepted(reply.clone()),
        (Sent::Deferred(reason), Some(at)) => EmailDeliveryOutcome::Deferred(reason.clone(), at),
        (Sent::Deferred(reason), None) | (Sent::Refused(reason), _) => {
            EmailDeliveryOutcome::Failed(reason.clone())
        }
    };
    tracing::info!(mail.id = %mail_id, mail.kind = email.kind.as_str(), outcome = %sent, "mail {mail_id}: {sent}");
    context.app.execute(RecordEmailDelivery { mail_id, delivery }, &origin).await?;
    match sent {
        Sent::Accepted(_) => Ok(()),
        Sent::Deferred(reason) if next_try_at.is_some() => Err(JobError::retry(reason)),
        Sent::Deferred(reason) | Sent::Refused(reason) => Err(JobError::give_up(reason)),
    }
}
