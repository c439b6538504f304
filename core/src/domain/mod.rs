//! Values that are valid by construction, and pure rules. No I/O here.
//!
//! A value is parsed once, where it enters; its type then guarantees that it is valid.

mod address_rule;
mod blob_key;
mod default_avatar;
mod derivation_key;
mod description;
mod display_name;
mod email_address;
mod hex;
mod ids;
mod limit;
mod link;
mod mail_kind;
mod password;
mod picture_format;
mod refresh_token;
mod role;
mod search_text;
mod status_reason;
mod text;
mod version_match;
mod webhook_secret;
mod webhook_state;
mod webhook_url;
mod words;

pub use address_rule::AddressRule;
pub use blob_key::BlobKey;
pub use default_avatar::DefaultAvatar;
pub use description::Description;
pub use display_name::DisplayName;
pub use email_address::EmailAddress;
pub use ids::{
    AvatarUploadId, EmailChangeId, EventId, LinkId, MailId, SessionId, UserId, WebhookDeliveryId,
    WebhookId,
};
pub use limit::Limit;
pub use link::{LinkKey, LinkToken, Purpose};
pub use mail_kind::MailKind;
pub use password::{Blocklist, NewPassword, Password, PasswordPolicy};
pub use picture_format::PictureFormat;
pub use refresh_token::{RefreshToken, SessionKey, SessionSecret};
pub use role::{EndReason, Role, Status};
pub use search_text::SearchText;
pub use status_reason::StatusReason;
pub use version_match::VersionMatch;
pub use webhook_secret::{WebhookKey, WebhookSecret};
pub use webhook_state::{DeliveryState, DisableReason};
pub use webhook_url::WebhookUrl;
