//! What people and jobs can do: one file per command, with its rules, its SQL and its event.

mod begin_delivery;
mod change_password;
mod change_profile;
mod confirm_email;
mod end_other_sessions;
mod end_session;
mod log_in;
mod record_delivery;
mod refresh_session;
mod register_user;
mod remove_expired;
mod request_email_verification;
mod request_password_reset;
mod reset_password;

pub use crate::store::sessions::Tokens;
pub use begin_delivery::{BeginDelivery, Letter, LetterLink};
pub use change_password::ChangePassword;
pub use change_profile::ChangeProfile;
pub use confirm_email::ConfirmEmail;
pub use end_other_sessions::EndOtherSessions;
pub use end_session::EndSession;
pub use log_in::LogIn;
pub use record_delivery::{Delivery, RecordDelivery};
pub use refresh_session::RefreshSession;
pub use register_user::{RegisterUser, Registered};
pub use remove_expired::RemoveExpired;
pub use request_email_verification::RequestEmailVerification;
pub use request_password_reset::RequestPasswordReset;
pub use reset_password::ResetPassword;
