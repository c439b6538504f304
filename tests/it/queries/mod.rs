mod get_any_user;
mod get_current_user;
mod get_jwks;
mod get_user_status;
mod list_sessions;
mod list_user_events;
mod list_user_mails;
mod list_users;
