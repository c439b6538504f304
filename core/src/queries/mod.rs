//! What people can see: one file per query, with its own view and its own SQL.

mod check_administrator;
mod get_any_user;
mod get_avatar_picture;
mod get_avatar_upload;
mod get_current_user;
mod get_uploaded_file;
mod get_user;
mod get_user_by_email;
mod get_user_status;
mod get_webhook;
mod list_events;
mod list_sessions;
mod list_user_events;
mod list_user_mails;
mod list_users;
mod list_webhook_deliveries;
mod list_webhooks;

pub use check_administrator::CheckAdministrator;
pub use get_any_user::GetAnyUser;
pub use get_avatar_picture::{GetAvatarPicture, Picture};
pub use get_avatar_upload::{GetAvatarUpload, UploadStatus};
pub use get_current_user::{AvatarKeys, CurrentUser, GetCurrentUser};
pub use get_uploaded_file::GetUploadedFile;
pub use get_user::GetUser;
pub use get_user_by_email::GetUserByEmail;
pub use get_user_status::{GetUserStatus, StatusView};
pub use get_webhook::GetWebhook;
pub use list_events::{EventCursor, EventLog, ListEvents, LoggedEvent};
pub use list_sessions::{ListSessions, SessionView};
pub use list_user_events::{EventView, ListUserEvents};
pub use list_user_mails::{ListUserMails, MailView};
pub use list_users::ListUsers;
pub use list_webhook_deliveries::{DeliveryView, ListWebhookDeliveries};
pub use list_webhooks::{ListWebhooks, WebhookView};
