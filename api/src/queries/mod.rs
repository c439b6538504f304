//! `GET`.

mod avatars;
mod keys;
mod sessions;
mod users;

pub(crate) use avatars::AvatarQueries;
pub(crate) use keys::KeyQueries;
pub(crate) use sessions::SessionQueries;
pub(crate) use users::{User, UserQueries, current_user};
