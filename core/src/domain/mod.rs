//! Values that are valid by construction, and pure rules. No I/O here.
//!
//! A value is parsed once, where it enters; its type then guarantees that it is valid.

mod address_rule;
mod blob_key;
mod cursor_key;
mod default_avatar;
mod derivation_key;
pub(crate) mod domain_name;
mod email_address;
pub(crate) mod hex;
mod idempotency;
mod ids;
mod limit;
mod link;
mod link_code;
mod mail_key;
mod mailbox_failure;
mod password;
mod picture_format;
mod refresh_token;
mod report_reason;
mod report_signature;
mod scopes;
mod service_token;
mod text;
mod unicode;
mod version_match;
mod webhook_secret;
mod webhook_url;
mod words;

pub use address_rule::AddressRule;
pub use blob_key::BlobKey;
pub use cursor_key::CursorKey;
pub use default_avatar::DefaultAvatar;
pub use derivation_key::DerivationKey;
pub use email_address::EmailAddress;
pub use idempotency::{Claim, ClaimKey, IdempotencyKey};
pub use ids::{
    ActorId, AvatarUploadId, EmailChangeId, EventId, LinkId, MailId, MailOwner, ServiceTokenId,
    SessionId, UserId, WebhookDeliveryId, WebhookId,
};
pub use limit::Limit;
pub use link::{LinkKey, LinkToken};
pub use link_code::{LinkCode, LinkProof};
pub use mail_key::{MailKey, Mailbox};
pub use mailbox_failure::concerns_mailbox;
pub use password::{AcceptedPassword, Blocklist, Password, PasswordPolicy};
pub use picture_format::PictureFormat;
pub use refresh_token::{RefreshToken, SessionKey, SessionSecret};
pub use report_reason::ReportReason;
pub use report_signature::{MailgunKey, SendGridKey};
pub use scopes::Scopes;
pub use service_token::{ServiceToken, ServiceTokenKey, ServiceTokenSecret};
pub use text::{Description, DisplayName, SearchText, StatusReason};
pub use version_match::VersionMatch;
pub use webhook_secret::{WebhookKey, WebhookSecret};
pub use webhook_url::WebhookUrl;
pub use words::{
    AccountClaim, DeliveryState, DisableReason, EndReason, EndpointFailure, MailKind, Purpose,
    Role, Scope, Status,
};
