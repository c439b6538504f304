//! Mailgun's webhooks: one event, with its signature.

use keyward_core::{
    Refusal,
    commands::internal::MailReport,
    domain::{ReportReason, concerns_mailbox},
};
use serde_json::Value;

use super::{Report, mail_in};
use crate::http::context::Context;

/// Returns the report of a body, if it is one.
///
/// # Errors
///
/// [`Refusal::ProviderNotFound`] without a key, [`Refusal::SignatureInvalid`].
pub(super) fn reports(context: &Context<'_>, body: &[u8]) -> Result<Vec<Report>, Refusal> {
    let key = context.app.settings.mail.mailgun_key.as_ref().ok_or(Refusal::ProviderNotFound)?;
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body["signature"][name].as_str().unwrap_or_default();
    let now = context.app.clock.now();
    if !key.has_signed(text("timestamp"), text("token"), text("signature"), now) {
        return Err(Refusal::SignatureInvalid);
    }
    Ok(report(&body["event-data"]).into_iter().collect())
}

fn report(event: &Value) -> Option<Report> {
    let mail_id = mail_in(event["message"]["headers"]["message-id"].as_str()?)?;
    let status = &event["delivery-status"];
    let text = |name: &str| status[name].as_str().unwrap_or_default();
    let report = match (event["event"].as_str()?, event["severity"].as_str()) {
        // A temporary failure is retried by Mailgun.
        ("failed", Some("permanent")) => {
            let (code, enhanced) =
                (status["code"].as_i64().unwrap_or_default(), text("enhanced-code"));
            let reason = format!("{code} {enhanced} {} {}", text("message"), text("description"));
            let concerns_mailbox = concerns_mailbox(enhanced, &reason);
            MailReport::Bounced { concerns_mailbox, reason: ReportReason::new(&reason) }
        }
        ("complained", _) => {
            MailReport::Complained { reason: ReportReason::new("complaint: abuse") }
        }
        _ => return None,
    };
    Some((mail_id, report))
}

#[cfg(test)]
mod tests {
    use keyward_core::domain::MailId;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_failures_for_good_and_complaints_are_reports() {
        let id = MailId::new();
        let of = |mut event: Value| {
            event["message"] = json!({"headers": {"message-id": format!("{id}@keyward.example")}});
            report(&event).map(|(mail_id, report)| (mail_id == id, report))
        };
        let failed = |severity: &str, code: i64| {
            of(json!({"event": "failed", "severity": severity, "delivery-status":
                      {"code": code, "message": "<ada@example.org>: no mailbox"}}))
        };
        let bounced = |concerns_mailbox, reason: &str| {
            Some((
                true,
                MailReport::Bounced { concerns_mailbox, reason: ReportReason::new(reason) },
            ))
        };
        assert_eq!(failed("permanent", 550), bounced(true, "550 <[address]>: no mailbox"));
        assert_eq!(failed("permanent", 554), bounced(false, "554 <[address]>: no mailbox"));
        assert_eq!(failed("permanent", 605), bounced(false, "605 <[address]>: no mailbox"));
        assert_eq!(failed("temporary", 450), None);
        let complained = MailReport::Complained { reason: ReportReason::new("complaint: abuse") };
        assert_eq!(of(json!({"event": "complained"})), Some((true, complained)));
        for event in ["delivered", "accepted", "opened"] {
            assert_eq!(of(json!({"event": event})), None, "{event}");
        }
        assert_eq!(report(&json!({"event": "complained"})), None);
    }
}
