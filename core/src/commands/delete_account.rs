//! Deleting one's own account (OWASP ASVS 5.0, 7.4.2 and 7.5.3).

use crate::{
    App, Command, Result,
    app::Actor,
    domain::{Password, Role},
    origin::Origin,
    reauthentication::Reauthentication,
    store::{administrators, users},
};

/// Deletes the account of whoever is logged in and knows its password, with everything that
/// belongs to it. Its tokens are refused from the next request on, its address is free again. A
/// last mail says so.
///
/// Refused with [`WrongPassword`](crate::Refusal::WrongPassword), and with
/// [`LastAdmin`](crate::Refusal::LastAdmin) if nobody could administer without it.
#[derive(Debug)]
pub struct DeleteAccount {
    /// Who asks.
    pub actor: Actor,
    /// The password.
    pub current_password: Password,
}

impl Command for DeleteAccount {
    type Output = ();
    const NAME: &'static str = "delete_account";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let proof = Reauthentication::begin(app, origin, self.actor).await?;
        proof.check(app, &self.current_password).await?;

        let mut tx = app.begin(origin).await?;
        let user = proof.authorize(&mut tx).await?;
        users::delete(&mut tx, &user, None, Some(&user.email)).await?;
        if user.role == Role::Admin {
            administrators::keep_one(&mut tx).await?;
        }
        tx.commit().await
    }
}
