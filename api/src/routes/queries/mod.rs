//! `GET`.

mod administration;
mod avatars;
mod events;
mod invitations;
mod keys;
mod picture;
mod sessions;
mod users;
mod webhooks;

pub(crate) use administration::AdministrationQueries;
pub(crate) use avatars::AvatarQueries;
pub(crate) use events::EventQueries;
pub(crate) use invitations::InvitationQueries;
pub(crate) use keys::KeyQueries;
pub(crate) use sessions::SessionQueries;
pub(crate) use users::{Role, Status, User, UserAnswer, UserQueries, changed_user, current_user};
pub(crate) use webhooks::{Webhook, WebhookQueries};
