//! The account of an email address.

use super::{UserView, get_user, prelude::*};
use crate::domain::{EmailAddress, UserId};

/// Returns the account that has an email address, for administrators.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
#[derive(Debug)]
pub struct GetUserByEmail {
    /// The administrator.
    pub by: Administrator,
    /// The address.
    pub email: EmailAddress,
}

impl Query for GetUserByEmail {
    type View = UserView;
    const NAME: &'static str = "get_user_by_email";

    async fn handle(self, app: &App) -> Result<UserView> {
        let mut sql = app.read_as(self.by).await?;
        let key = self.email.key();
        let id = sqlx::query_scalar!("select user_id from users where email_key = $1", key)
            .fetch_optional(&mut *sql)
            .await?
            .ok_or(Refusal::UserNotFound)?;
        get_user::read(&mut *sql, UserId(id)).await
    }
}
