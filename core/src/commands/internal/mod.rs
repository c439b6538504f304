//! What only the worker does: deliveries, renditions, clean-up.

mod collect_blobs;
mod discard_emails;
mod lift_suppression;
mod record_email_delivery;
mod record_mail_report;
mod record_renditions;
mod record_service_token_use;
mod record_webhook_delivery;
mod reject_upload;
mod remove_expired;
mod requeue_emails;
mod start_email_delivery;
mod start_renditions;
mod start_webhook_delivery;

pub use collect_blobs::CollectBlobs;
pub use discard_emails::DiscardEmails;
pub use lift_suppression::LiftSuppression;
pub use record_email_delivery::{EmailDeliveryOutcome, RecordEmailDelivery};
pub use record_mail_report::{MailReport, RecordMailReport};
pub use record_renditions::RecordRenditions;
pub use record_service_token_use::RecordServiceTokenUse;
pub use record_webhook_delivery::{RecordWebhookDelivery, WebhookOutcome};
pub use reject_upload::RejectUpload;
pub use remove_expired::RemoveExpired;
pub use requeue_emails::RequeueEmails;
pub use start_email_delivery::{EmailLink, OutgoingEmail, StartEmailDelivery};
pub use start_renditions::StartRenditions;
pub use start_webhook_delivery::{StartWebhookDelivery, WebhookRequest};
