//! SendGrid's signed event webhook: a list of events.

use keyward_core::{
    Refusal,
    commands::internal::MailReport,
    domain::{MailId, ReportReason, concerns_mailbox},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Report, mail_in};
use crate::http::context::Context;

/// Most events of one body.
const MAX_EVENTS: usize = 1_000;

/// Returns the reports of a body.
///
/// # Errors
///
/// [`Refusal::ProviderNotFound`] without a key, [`Refusal::SignatureInvalid`].
pub(super) fn reports(context: &Context<'_>, body: &[u8]) -> Result<Vec<Report>, Refusal> {
    let key = context.app.settings.mail.sendgrid_key.as_ref().ok_or(Refusal::ProviderNotFound)?;
    let header = |name| context.request.header(name).unwrap_or_default();
    let at = header("x-twilio-email-event-webhook-timestamp");
    let signature = header("x-twilio-email-event-webhook-signature");
    if !key.has_signed(at, signature, body, context.app.clock.now()) {
        return Err(Refusal::SignatureInvalid);
    }
    let events: Vec<Value> = serde_json::from_slice(body).unwrap_or_default();
    Ok(events.iter().take(MAX_EVENTS).filter_map(report).collect())
}

fn report(event: &Value) -> Option<Report> {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let own = Uuid::try_parse(text("keyward_mail")).ok().map(MailId);
    let mail_id = own.or_else(|| mail_in(text("smtp-id")))?;
    let reason = |first: &str| ReportReason::new(&format!("{first} {}", text("reason")));
    let report = match text("event") {
        // `blocked`: the receiver rejects the sender for now, not the mailbox.
        "bounce" => MailReport::Bounced {
            concerns_mailbox: text("type") != "blocked"
                && concerns_mailbox(text("status"), text("reason")),
            reason: reason(text("status")),
        },
        // By SendGrid's own list of suppressions.
        "dropped" => MailReport::Bounced { concerns_mailbox: false, reason: reason("dropped:") },
        "spamreport" => MailReport::Complained { reason: ReportReason::new("complaint: abuse") },
        _ => return None,
    };
    Some((mail_id, report))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_failures_and_complaints_are_reports() {
        let id = MailId::new();
        let of = |event: Value| report(&event).map(|(mail_id, report)| (mail_id == id, report));
        let smtp_id = format!("<{id}@keyward.example>");
        let bounced = |concerns_mailbox, reason: &str| {
            Some((
                true,
                MailReport::Bounced { concerns_mailbox, reason: ReportReason::new(reason) },
            ))
        };
        assert_eq!(
            of(json!({"event": "bounce", "type": "bounce", "status": "5.1.1", "smtp-id": smtp_id,
                      "email": "ada@example.org", "reason": "550 <ada@example.org> unknown"})),
            bounced(true, "5.1.1 550 <[address]> unknown")
        );
        assert_eq!(
            of(json!({"event": "bounce", "type": "bounce", "status": "5.7.1", "smtp-id": smtp_id})),
            bounced(false, "5.7.1")
        );
        assert_eq!(
            of(
                json!({"event": "bounce", "type": "blocked", "status": "5.7.1", "smtp-id": smtp_id})
            ),
            bounced(false, "5.7.1")
        );
        assert_eq!(
            of(json!({"event": "dropped", "reason": "Bounced Address", "keyward_mail": id})),
            bounced(false, "dropped: Bounced Address")
        );
        let complained = MailReport::Complained { reason: ReportReason::new("complaint: abuse") };
        assert_eq!(
            of(json!({"event": "spamreport", "keyward_mail": id})),
            Some((true, complained))
        );
        for event in ["delivered", "deferred", "processed", "open", ""] {
            assert_eq!(of(json!({"event": event, "smtp-id": smtp_id})), None, "{event}");
        }
        for odd in [json!(null), json!([1]), json!({"event": "bounce", "smtp-id": "<x@y>"})] {
            assert_eq!(of(odd), None);
        }
    }
}
