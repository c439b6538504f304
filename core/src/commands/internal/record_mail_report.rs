//! Recording a bounce or a complaint.

use crate::{
    commands::prelude::*,
    domain::{MailId, MailKind, MailOwner, Mailbox, ReportReason, UserId},
};

/// Records in the ledger that an email bounced (RFC 3464) or was complained about (RFC 5965), and
/// suppresses its mailbox if no email can reach it or if it complained. The caller has proven that
/// the report is about this email: by the MAC of its return path or the signature of a provider.
///
/// Reports about an email that was not sent, or was reported before, change nothing; a complaint
/// about a bounced email does: the recipient has it. A notice of a deletion suppresses nothing, because
/// no account is left that a suppression could be deleted with.
///
/// Returns whether the report was recorded. Safe to repeat.
pub struct RecordMailReport {
    /// The email.
    pub mail_id: MailId,
    /// What is reported.
    pub report: MailReport,
}

/// What is reported of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailReport {
    /// It was not delivered.
    Bounced {
        /// Whether no email can reach the mailbox: see [`concerns_mailbox`](crate::domain::concerns_mailbox).
        concerns_mailbox: bool,
        /// Status and diagnostic.
        reason: ReportReason,
    },
    /// Its recipient does not want it.
    Complained {
        /// Type of the complaint.
        reason: ReportReason,
    },
}

impl Command for RecordMailReport {
    type Output = bool;
    const NAME: &'static str = "record_mail_report";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let Self { mail_id, report } = self;
        let (state, reason, suppresses) = match &report {
            MailReport::Bounced { concerns_mailbox, reason } => {
                ("bounced", reason, *concerns_mailbox)
            }
            MailReport::Complained { reason } => ("complained", reason, true),
        };
        let mut tx = app.begin(origin).await?;
        // The account before the email, as in its deletion; otherwise both could deadlock.
        sqlx::query!(
            "select from users where user_id = (select user_id from mails where mail_id = $1)
             for key share",
            mail_id.0,
        )
        .fetch_optional(tx.sql())
        .await?;
        let now = tx.now;
        // A report can arrive before the acceptance is recorded.
        let mail = sqlx::query!(
            r#"update mails
               set state = $2, reply = $3, reported_at = $4, updated_at = $4, next_try_at = null,
                   email = null, asked_ip = case when user_id is not null then asked_ip end
               where mail_id = $1 and (state in ('sending', 'deferred', 'accepted')
                                       or (state = 'bounced' and $2 = 'complained'))
               returning kind as "kind: MailKind", user_id as "user_id: UserId", mailbox"#,
            mail_id.0,
            state,
            reason.as_str(),
            now,
        )
        .fetch_optional(tx.sql())
        .await?;
        let Some(mail) = mail else {
            app.metrics.mail_report("ignored");
            return Ok(false);
        };
        let mailbox = mail.mailbox.and_then(|hash| hash.try_into().ok()).map(Mailbox);
        if let Some(mailbox) = mailbox
            && suppresses
            && !mail.kind.is_farewell()
        {
            suppressions::insert(&mut tx, mailbox, state, (mail_id, mail.kind), mail.user_id)
                .await?;
        }
        let (user_id, kind) = (MailOwner(mail.user_id), mail.kind);
        tx.emit(match report {
            MailReport::Bounced { .. } => Event::MailBounced { user_id, mail_id, kind },
            MailReport::Complained { .. } => Event::MailComplained { user_id, mail_id, kind },
        });
        tx.commit().await?;
        app.metrics.mail_report(state);
        Ok(true)
    }
}
