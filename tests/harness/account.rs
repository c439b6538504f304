use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Reply, World};

/// The password in [`registration`].
pub const PASSWORD: &str = "correct horse battery";

/// The body of a registration.
#[must_use]
pub fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "display_name": "Zoe"})
}

/// The credentials of an account.
#[derive(Debug, Clone)]
pub struct Account {
    pub email: String,
    pub password: String,
}

/// The tokens of a session.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub session_id: Uuid,
}

impl Tokens {
    /// Reads the tokens from the response of a login or a refresh.
    #[track_caller]
    pub fn of(reply: &Reply) -> Self {
        let body = reply.json();
        let text = |name: &str| {
            body[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", reply.text)).to_owned()
        };
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            session_id: text("session_id").parse().unwrap(),
        }
    }
}

impl Account {
    #[must_use]
    pub fn new(email: &str, password: &str) -> Self {
        Self { email: email.into(), password: password.into() }
    }

    /// The account that [`World::register`] creates for a name.
    pub(crate) fn of(name: &str) -> Self {
        let password = format!("the passphrase of number {}", name.len());
        Self { email: format!("{name}@example.org"), password }
    }

    /// The same account with another address.
    #[must_use]
    pub fn with_email(&self, email: &str) -> Self {
        Self::new(email, &self.password)
    }

    /// The same account with another password.
    #[must_use]
    pub fn with_password(&self, password: &str) -> Self {
        Self::new(&self.email, password)
    }

    /// The body of a login.
    #[must_use]
    pub fn credentials(&self) -> Value {
        json!({"email": self.email, "password": self.password})
    }

    /// The body of its registration.
    pub(crate) fn registration(&self, name: &str) -> Value {
        json!({"email": self.email, "password": self.password, "display_name": name})
    }
}

impl World {
    /// Registers an account. Its address stays unverified.
    pub async fn register(&self, name: &str) -> Account {
        let account = Account::of(name);
        self.post("/v1/users", account.registration(name)).await.expect(202);
        account
    }

    /// Registers an account and verifies its address with the emailed link.
    pub async fn account(&self, name: &str) -> Account {
        let account = self.register(name).await;
        let token = self.link_token(&account.email, "/verify-email").await;
        self.confirm_email(&token).await.expect(204);
        account
    }

    /// Registers an account, verifies its address and logs in. Returns the account and the access
    /// token.
    pub async fn logged_in(&self, name: &str) -> (Account, String) {
        let account = self.account(name).await;
        let access = self.log_in(&account).await.access;
        (account, access)
    }

    /// Registers an account and marks its address as verified in Postgres. Returns the address.
    pub async fn registered_and_verified(&self, name: &str) -> String {
        let account = self.register(name).await;
        self.sql("update users set email_verified_at = now()").await;
        account.email
    }

    /// Creates an administrator and logs in. Returns the access token.
    pub async fn administrator(&self, name: &str) -> String {
        let account = self.account(name).await;
        self.promote(&account).await;
        self.log_in(&account).await.access
    }

    /// Logs in again. Returns the access token.
    pub async fn log_in_again(&self, name: &str) -> String {
        self.log_in(&Account::of(name)).await.access
    }

    /// Invites an address and waits for the email. Returns the token in it.
    pub async fn invite(&self, admin: &str, email: &str, role: &str) -> String {
        let subject = "You are invited to Keyward";
        let sent = self.mail.messages_to(email).iter().filter(|m| m.subject == subject).count();
        self.request_invitation(admin, email, role).await.expect(202);
        let mail = self.nth_mail(email, subject, sent + 1).await;
        crate::token_in(&mail.text, &format!("{}/accept-invitation#", self.url)).unwrap()
    }

    /// Invites an address.
    pub async fn request_invitation(&self, admin: &str, email: &str, role: &str) -> Reply {
        let body = json!({"email": email, "role": role});
        self.post_json_as(admin, "/v1/invitations", body).await
    }

    /// Accepts an invitation as Grace.
    pub async fn accept(&self, token: &str) -> Reply {
        let body = json!({"token": token, "password": "a passphrase of their own",
                          "display_name": "Grace"});
        self.post("/v1/invitations/accept", body).await
    }

    /// Creates an administrator in a world without a worker, so without email. Returns the access
    /// token.
    pub async fn administrator_without_mail(&self, name: &str) -> String {
        let account = self.register(name).await;
        self.sql("update users set email_verified_at = now(), version = version + 1").await;
        self.promote(&account).await;
        self.log_in(&account).await.access
    }

    pub async fn try_log_in(&self, account: &Account) -> Reply {
        self.post("/v1/sessions", account.credentials()).await
    }

    pub async fn log_in(&self, account: &Account) -> Tokens {
        Tokens::of(&self.try_log_in(account).await.expect(201))
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        self.post("/v1/sessions/refresh", json!({"refresh_token": token})).await
    }

    /// Confirms an address with the token of a link.
    pub async fn confirm_email(&self, token: &str) -> Reply {
        self.post("/v1/email-verifications/confirm", json!({"token": token})).await
    }

    /// Confirms an address with the token of a link, and sets a password.
    pub async fn confirm_email_with(&self, token: &str, password: &str) -> Reply {
        let body = json!({"token": token, "password": password});
        self.post("/v1/email-verifications/confirm", body).await
    }

    /// Requests a link to a new password.
    pub async fn request_reset(&self, email: &str) -> Reply {
        self.post("/v1/password-resets", json!({"email": email})).await
    }

    /// Sets a new password with the token of a link.
    pub async fn confirm_reset(&self, token: &str, password: &str) -> Reply {
        let body = json!({"token": token, "password": password});
        self.post("/v1/password-resets/confirm", body).await
    }

    /// Sets a new password with the code of a link.
    pub async fn confirm_reset_by_code(&self, email: &str, code: &str, password: &str) -> Reply {
        let body = json!({"email": email, "code": code, "password": password});
        self.post("/v1/password-resets/confirm", body).await
    }

    /// Changes the password of the account of an access token.
    pub async fn change_password(&self, access: &str, current: &str, new: &str) -> Reply {
        let body = json!({"current_password": current, "password": new});
        self.put_as(access, "/v1/users/me/password", body).await
    }

    /// Changes the display name of the account of an access token.
    pub async fn rename(&self, access: &str, name: &str) -> Reply {
        self.patch_as(access, "/v1/users/me", json!({"display_name": name})).await
    }

    /// Ends the session of an access token.
    pub async fn log_out(&self, access: &str) -> Reply {
        self.delete_as(access, "/v1/sessions/current").await
    }

    /// Requests an email change and confirms it. Returns the account with its new address.
    pub async fn change_email(&self, access: &str, account: &Account, email: &str) -> Account {
        self.request_email_change(access, account, email).await.expect(202);
        let token = self.link_token(email, "/confirm-email").await;
        self.confirm_email_change(&token).await.expect(204);
        account.with_email(email)
    }

    /// Confirms an email change with the token of a link.
    pub async fn confirm_email_change(&self, token: &str) -> Reply {
        self.post("/v1/email-changes/confirm", json!({"token": token})).await
    }

    /// Requests an email change with the password of the account.
    pub async fn request_email_change(
        &self,
        access: &str,
        account: &Account,
        email: &str,
    ) -> Reply {
        let body = json!({"email": email, "current_password": account.password});
        self.put_as(access, "/v1/users/me/email", body).await
    }

    /// Deletes an account as its owner, with its password.
    pub async fn delete_account(&self, access: &str, account: &Account) -> Reply {
        let request = self.request(Method::DELETE, "/v1/users/me").bearer_auth(access);
        self.send(request.json(&json!({"current_password": account.password}))).await
    }

    /// Fetches the account of an access token.
    pub async fn me(&self, token: &str) -> Reply {
        self.get_as(token, "/v1/users/me").await
    }
}
