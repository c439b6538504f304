//! Links in emails, of every kind.

mod brute_force;
mod codes;
mod forged;
mod origin;
mod revocation;
mod single_use;

use std::time::Duration;

use keyward_tests::{Account, Reply, World};
use serde_json::{Value, json};

/// A password that passes the strength rules.
const FRESH: &str = "a fresh passphrase it is";
const HOUR: Duration = Duration::from_secs(3_600);

/// The purpose of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Verify,
    Reset,
    ConfirmChange,
    UndoChange,
}

/// A link that was sent in an email.
struct Mailed {
    kind: Kind,
    token: String,
    /// The account as it was when the link was requested.
    account: Account,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Verify, Self::Reset, Self::ConfirmChange, Self::UndoChange];

    /// The page of the link.
    fn page(self) -> &'static str {
        match self {
            Self::Verify => "/verify-email",
            Self::Reset => "/reset-password",
            Self::ConfirmChange => "/confirm-email",
            Self::UndoChange => "/undo-email",
        }
    }

    /// The route that takes its token.
    fn path(self) -> &'static str {
        match self {
            Self::Verify => "/v1/email-verifications/confirm",
            Self::Reset => "/v1/password-resets/confirm",
            Self::ConfirmChange => "/v1/email-changes/confirm",
            Self::UndoChange => "/v1/email-changes/undo",
        }
    }

    fn life(self) -> Duration {
        match self {
            Self::Verify | Self::ConfirmChange => 24 * HOUR,
            Self::Reset => HOUR / 2,
            Self::UndoChange => 72 * HOUR,
        }
    }

    fn body(self, token: &str) -> Value {
        match self {
            Self::Reset => json!({"token": token, "password": FRESH}),
            _ => json!({"token": token}),
        }
    }

    fn body_with_code(self, email: &str, code: &str) -> Value {
        match self {
            Self::Reset => json!({"email": email, "code": code, "password": FRESH}),
            _ => json!({"email": email, "code": code}),
        }
    }

    /// Creates an account of this name and requests such a link.
    async fn mailed(self, world: &World, name: &str) -> Mailed {
        let account = match self {
            Self::Verify => world.register(name).await,
            _ => world.account(name).await,
        };
        let token = match self {
            Self::Verify => world.link_token(&account.email, self.page()).await,
            _ => self.again(world, &account).await,
        };
        Mailed { kind: self, token, account }
    }

    /// Requests another link for the same account.
    async fn again(self, world: &World, account: &Account) -> String {
        world.settle().await;
        let new = format!("new.{}", account.email);
        let to = match self {
            Self::Verify => {
                let body = json!({"email": account.email});
                world.post("/v1/email-verifications", body).await.expect(202);
                &account.email
            }
            Self::Reset => return world.reset_token(&account.email).await,
            Self::ConfirmChange | Self::UndoChange => {
                let access = world.log_in(account).await.access;
                world.request_email_change(&access, account, &new).await.expect(202);
                if self == Self::ConfirmChange { &new } else { &account.email }
            }
        };
        world.settle().await;
        world.link_token(to, self.page()).await
    }
}

impl Mailed {
    /// Uses the link.
    async fn follow(&self, world: &World) -> Reply {
        world.post(self.kind.path(), self.kind.body(&self.token)).await
    }

    /// The address that the email was sent to.
    fn to(&self) -> String {
        match self.kind {
            Kind::ConfirmChange => format!("new.{}", self.account.email),
            _ => self.account.email.clone(),
        }
    }

    /// A request that uses a code of the address.
    fn body_with_code(&self, code: &str) -> Value {
        self.kind.body_with_code(&self.to(), code)
    }

    /// The code in the email.
    fn code(&self, world: &World) -> String {
        world.code_of(&self.token).expect("the email has a code")
    }

    /// Uses a code of the address.
    async fn enter(&self, world: &World, code: &str) -> Reply {
        world.post(self.kind.path(), self.body_with_code(code)).await
    }

    async fn works(&self, world: &World) {
        let reply = self.follow(world).await;
        assert_eq!(reply.status, 204, "{:?}: {}", self.kind, reply.text);
        assert_eq!(reply.text, "", "a link starts no session");
        assert!(reply.headers.get("set-cookie").is_none());
    }

    /// Fails if the token works, or the code of its email.
    async fn is_dead(&self, world: &World) {
        let mut replies = vec![self.follow(world).await];
        if let Some(code) = world.code_of(&self.token) {
            replies.push(self.enter(world, &code).await);
        }
        for reply in replies {
            let answer = (reply.status.as_u16(), reply.code());
            assert_eq!(answer, (400, "link_invalid".to_owned()), "{:?}", self.kind);
        }
    }
}
