//! Anybody's account.

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::UserId,
    queries::{CurrentUser, get_user},
};

/// Anybody's account, for administrators.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct GetAnyUser {
    /// Who asks.
    pub by: Administrator,
    /// Whose account.
    pub user_id: UserId,
}

impl Query for GetAnyUser {
    type View = CurrentUser;
    const NAME: &'static str = "get_any_user";

    async fn handle(self, app: &App) -> Result<CurrentUser> {
        let mut sql = app.read_as(self.by).await?;
        get_user::read(&mut *sql, self.user_id).await
    }
}
