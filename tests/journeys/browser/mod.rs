//! Pages and emails in headless Chromium.

#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

mod accept_invitation;
mod change_email;
mod changed_links;
mod docs;
pub(crate) mod driver;
mod kept_token;
mod languages;
pub(crate) mod layout;
mod mails;
mod recorder;
mod reset_password;
mod safety;
mod start;
mod verify_email;
mod without_javascript;

use driver::Browser;
use keyward_stack::mail_sink::Mail;
use keyward_tests::{Account, World};

const VERIFY: &str = "Confirm your email address";
const RESET: &str = "Reset your Keyward password";
const CHANGED: &str = "Your Keyward password was changed";

/// The link of an email's button.
fn button(mail: &Mail) -> String {
    let (_, rest) = mail.html.split_once("<a class=\"button\" href=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// A reset link, as the email has it.
async fn reset_link(world: &World, account: &Account) -> String {
    format!("{}/reset-password#{}", world.url, world.reset_token(&account.email).await)
}
