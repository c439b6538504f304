//! What only the worker does: deliveries, renditions, housekeeping.

mod begin_delivery;
mod begin_renditions;
mod begin_webhook_delivery;
mod collect_blobs;
mod give_up_mails;
mod plan_mails_again;
mod record_delivery;
mod record_renditions;
mod record_webhook_delivery;
mod reject_upload;
mod remove_expired;

pub use begin_delivery::{BeginDelivery, Letter, LetterLink};
pub use begin_renditions::BeginRenditions;
pub use begin_webhook_delivery::{BeginWebhookDelivery, WebhookRequest};
pub use collect_blobs::CollectBlobs;
pub use give_up_mails::GiveUpMails;
pub use plan_mails_again::PlanMailsAgain;
pub use record_delivery::{Delivery, RecordDelivery};
pub use record_renditions::RecordRenditions;
pub use record_webhook_delivery::{RecordWebhookDelivery, WebhookOutcome};
pub use reject_upload::RejectUpload;
pub use remove_expired::RemoveExpired;
