//! `GET`.

mod avatars;
mod keys;
mod users;

pub(crate) use avatars::AvatarQueries;
pub(crate) use keys::KeyQueries;
pub(crate) use users::{User, UserQueries, current_user};
