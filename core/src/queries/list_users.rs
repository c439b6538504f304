//! The accounts.

use super::{AvatarKeys, UserView, prelude::*};
use crate::domain::{Role, SearchText, Status, UserId};

/// Lists accounts, newest first, for administrators.
pub struct ListUsers {
    /// The administrator.
    pub by: Administrator,
    /// Only accounts whose address or name contains this text, ignoring case.
    pub text: Option<SearchText>,
    /// Only accounts with this role.
    pub role: Option<Role>,
    /// Only accounts with this status.
    pub status: Option<Status>,
    /// The part to read.
    pub page: Keyset<UserId>,
}

impl Query for ListUsers {
    type View = Vec<UserView>;
    const NAME: &'static str = "list_users";

    async fn handle(self, app: &App) -> Result<Vec<UserView>> {
        let mut sql = app.read_as(self.by).await?;
        // The best index depends on the filters, so a generic plan would be slow for some of them.
        sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(&mut *sql).await?;
        Ok(sqlx::query_as!(
            UserView,
            r#"select users.user_id as "id: UserId", email,
                      email_verified_at is not null as "email_verified!", display_name, locale,
                      role as "role: Role", users.status as "status: Status", users.created_at,
                      version, case when key_64 is not null then array[key_64, key_256, key_512]
                               end as "avatar: AvatarKeys"
               from users left join avatar_uploads on upload_id = avatar_upload_id
               where ($1::text is null or search_text like lower($1))
                     and ($2::text is null or role = $2)
                     and ($3::text is null or users.status = $3)
                     and ($4::uuid is null or users.user_id < $4)
               order by users.user_id desc limit $5"#,
            self.text.as_ref().map(SearchText::pattern),
            self.role.map(Role::as_str),
            self.status.map(Status::as_str),
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
