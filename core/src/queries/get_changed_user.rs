//! The account that a command has changed.

use super::{UserView, get_user, prelude::*};
use crate::domain::UserId;

/// Returns the account that a command has just created or changed, for the answer to that command.
/// Checks no right of the caller: the command has done so, and may have revoked it.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
pub struct GetChangedUser(pub UserId);

impl Query for GetChangedUser {
    type View = UserView;
    const NAME: &'static str = "get_changed_user";

    async fn handle(self, app: &App) -> Result<UserView> {
        get_user::read(&app.read, self.0).await
    }
}
