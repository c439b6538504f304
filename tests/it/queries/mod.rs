mod get_current_user;
mod get_current_user_refused;
mod get_jwks;
mod list_sessions;
