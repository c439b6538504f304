//! What people can see: one file per query, with its own view and its own SQL.

mod check_administrator;
mod check_service_token;
mod get_avatar_picture;
mod get_avatar_upload;
mod get_changed_user;
mod get_current_user;
mod get_link;
mod get_link_language;
mod get_service_token_text;
mod get_uploaded_file;
mod get_user;
mod get_user_status;
mod get_webhook;
mod introspect_token;
mod list_events;
mod list_invitations;
mod list_service_tokens;
mod list_sessions;
mod list_user_events;
mod list_user_mails;
mod list_user_sessions;
mod list_users;
mod list_webhook_deliveries;
mod list_webhooks;
mod prelude;

pub use check_administrator::CheckAdministrator;
pub use check_service_token::{CheckServiceToken, ValidServiceToken};
pub use get_avatar_picture::{GetAvatarPicture, Picture};
pub use get_avatar_upload::{GetAvatarUpload, UploadView};
pub use get_changed_user::GetChangedUser;
pub use get_current_user::GetCurrentUser;
pub use get_link::{GetLink, LinkView};
pub use get_link_language::GetLinkLanguage;
pub use get_service_token_text::GetServiceTokenText;
pub use get_uploaded_file::GetUploadedFile;
pub use get_user::{AvatarKeys, GetUser, UserKey, UserView};
pub use get_user_status::{GetUserStatus, StatusView};
pub use get_webhook::{GetWebhook, WebhookView};
pub use introspect_token::IntrospectToken;
pub use list_events::{EventCursor, EventLog, ListEvents, LoggedEvent};
pub use list_invitations::{InvitationView, ListInvitations};
pub use list_service_tokens::{ListServiceTokens, ServiceTokenView};
pub use list_sessions::{ListSessions, SessionView};
pub use list_user_events::ListUserEvents;
pub use list_user_mails::{ListUserMails, MailView};
pub use list_user_sessions::ListUserSessions;
pub use list_users::ListUsers;
pub use list_webhook_deliveries::{DeliveryView, ListWebhookDeliveries};
pub use list_webhooks::ListWebhooks;

/// The part of a list that is read: the items that follow `after`, at most `limit` of them. Keyset
/// pagination repeats and misses no item while rows are inserted and deleted.
#[derive(Debug, Clone, Copy)]
pub struct Keyset<Id> {
    /// The last item of the page before; `None` reads from the start.
    pub after: Option<Id>,
    /// The maximum number of items.
    pub limit: i64,
}
