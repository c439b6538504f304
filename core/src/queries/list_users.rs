//! Finding accounts.

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{Role, SearchText, Status, UserId},
    queries::{CurrentUser, get_user::Row},
};

/// The accounts there are, the latest first, for administrators.
#[derive(Debug)]
pub struct ListUsers {
    /// Who asks.
    pub by: Administrator,
    /// Only those whose address or name contains this, however it is cased.
    pub text: Option<SearchText>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// Start after this one.
    pub after: Option<UserId>,
    /// How many at most.
    pub limit: i64,
}

impl Query for ListUsers {
    type View = Vec<CurrentUser>;
    const NAME: &'static str = "list_users";

    async fn handle(self, app: &App) -> Result<Vec<CurrentUser>> {
        let mut sql = app.read_as(self.by).await?;
        // Which index serves depends on what is asked for: a plan for every question fails here.
        sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(&mut *sql).await?;
        let rows = sqlx::query_as!(
            Row,
            r#"select users.user_id, email, email_verified_at is not null as "email_verified!",
                      display_name, role, users.status, users.created_at, version,
                      key_64, key_256, key_512
               from users left join avatar_uploads on upload_id = avatar_upload_id
               where ($1::text is null or search_text like lower($1))
                     and ($2::text is null or role = $2)
                     and ($3::text is null or users.status = $3)
                     and ($4::uuid is null or users.user_id < $4)
               order by users.user_id desc limit $5"#,
            self.text.as_ref().map(SearchText::pattern),
            self.role.map(Role::as_str),
            self.status.map(Status::as_str),
            self.after.map(|id| id.0),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        rows.into_iter().map(CurrentUser::try_from).collect()
    }
}
