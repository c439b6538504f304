use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::{Reply, World};

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
    /// The account that [`World::register`] creates for a name.
    fn of(name: &str) -> Self {
        let password = format!("the passphrase of number {}", name.len());
        Self { email: format!("{name}@example.org"), password }
    }
}

impl World {
    /// Registers an account. Its address stays unverified.
    pub async fn register(&self, name: &str) -> Account {
        let account = Account::of(name);
        self.post(
            "/v1/users",
            json!({"email": account.email, "password": account.password, "display_name": name}),
        )
        .await
        .expect(202);
        account
    }

    /// Registers an account and verifies its address with the emailed link.
    pub async fn account(&self, name: &str) -> Account {
        let account = self.register(name).await;
        let token = self.link_token(&account.email, "/verify-email").await;
        self.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
        account
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
        let body = json!({"email": email, "role": role});
        let request = self.request(Method::POST, "/v1/invitations").bearer_auth(admin);
        self.send(request.json(&body)).await.expect(202);
        let mail = self.nth_mail(email, subject, sent + 1).await;
        crate::token_in(&mail.text, &format!("{}/accept-invitation#", self.url)).unwrap()
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
        let body = json!({"email": account.email, "password": account.password});
        self.post("/v1/sessions", body).await
    }

    pub async fn log_in(&self, account: &Account) -> Tokens {
        Tokens::of(&self.try_log_in(account).await.expect(201))
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        self.post("/v1/sessions/refresh", json!({"refresh_token": token})).await
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
