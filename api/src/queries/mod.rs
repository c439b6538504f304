//! `GET`.

mod keys;
mod users;

pub(crate) use keys::KeyQueries;
pub(crate) use users::{User, UserQueries, current_user};
