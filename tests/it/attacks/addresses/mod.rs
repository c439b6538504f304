//! Email addresses: a mailbox has one owner and receives only its own emails.

mod mailboxes;
mod squatters;
mod wire;

use keyward_tests::Account;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "display_name": "Zoe"})
}

fn account(email: &str, password: &str) -> Account {
    Account { email: email.into(), password: password.into() }
}
