//! What people can see: one file per query, with its own view and its own SQL.

mod get_current_user;
mod get_user;
mod list_sessions;

pub use get_current_user::{CurrentUser, GetCurrentUser};
pub use get_user::GetUser;
pub use list_sessions::{ListSessions, SessionView};
