//! `POST /v1/mail-reports/sendgrid`, `POST /v1/mail-reports/mailgun`: the webhooks of email providers.

mod mailgun;
mod sendgrid;

use keyward_core::{
    Refusal,
    commands::internal::{MailReport, RecordMailReport},
    domain::MailId,
};

use crate::{http::signed_body::SignedBody, routes::prelude::*};

pub(crate) struct MailReportCommands;

/// A report, and the email that it is about.
type Report = (MailId, MailReport);

objects! {
    /// The reports were recorded, unless they were known or about no email of ours.
    ReportsRecorded from (): () {
        /// Always `recorded`.
        status: String = "recorded",
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::MailReports")]
impl MailReportCommands {
    /// Report bounces and complaints (SendGrid)
    ///
    /// For the signed event webhook of SendGrid. The time of the signature may differ by ten minutes.
    /// Fails with `provider_not_found` unless `SENDGRID_WEBHOOK_KEY` is set. Reports may be repeated.
    #[oai(
        path = "/mail-reports/sendgrid",
        method = "post",
        operation_id = "record_sendgrid_reports"
    )]
    async fn record_sendgrid_reports(
        &self,
        context: Context<'_>,
        body: SignedBody,
    ) -> Result<Json<ReportsRecorded>, Problem> {
        record(&context, sendgrid::reports(&context, &body.0)).await
    }

    /// Report bounces and complaints (Mailgun)
    ///
    /// For the webhooks of Mailgun. The time of the signature may differ by ten minutes. Fails with
    /// `provider_not_found` unless `MAILGUN_WEBHOOK_KEY` is set. Reports may be repeated.
    #[oai(path = "/mail-reports/mailgun", method = "post", operation_id = "record_mailgun_reports")]
    async fn record_mailgun_reports(
        &self,
        context: Context<'_>,
        body: SignedBody,
    ) -> Result<Json<ReportsRecorded>, Problem> {
        record(&context, mailgun::reports(&context, &body.0)).await
    }
}

async fn record(
    context: &Context<'_>,
    reports: Result<Vec<Report>, Refusal>,
) -> Result<Json<ReportsRecorded>, Problem> {
    if reports.as_ref().is_err_and(|refusal| *refusal == Refusal::SignatureInvalid) {
        context.app.metrics.mail_report("forged");
    }
    for (mail_id, report) in reports? {
        context.execute(RecordMailReport { mail_id, report }).await?;
    }
    Ok(Json(().into()))
}

/// The email that a `Message-ID` names, if it can be one of ours.
fn mail_in(message_id: &str) -> Option<MailId> {
    let (id, _) = message_id.trim_start_matches('<').split_once('@')?;
    Uuid::try_parse(id).ok().map(MailId)
}
