//! Deleting one's own account (OWASP ASVS 5.0, 7.4.2 and 7.5.3).

use super::prelude::*;
use crate::domain::Password;

/// Deletes the account of a logged-in user who knows its password, with everything that belongs to
/// it, and emails a notice. Its tokens are refused from the next request on, and its address is
/// free again.
///
/// Refused with [`WrongPassword`](crate::Refusal::WrongPassword), and with
/// [`LastAdmin`](crate::Refusal::LastAdmin) if no administrator would be left.
pub struct DeleteAccount {
    /// The caller.
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
        account_deletion::delete(&mut tx, &user, None, Some(&user.email)).await?;
        administrators::require_one(&mut tx, user.role).await?;
        tx.commit().await
    }
}
