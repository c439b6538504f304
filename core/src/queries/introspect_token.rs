//! Whether an access token is valid now.

use std::sync::Arc;

use super::{GetCurrentUser, UserView, prelude::*};
use crate::{app::Actor, infra::access_tokens::Claims};

/// Judges an access token as a request with it would be judged (RFC 7662): its signature and times, its
/// session and its account. `None` for everything that a request would be refused for, and for tokens of
/// other kinds.
pub struct IntrospectToken(pub String);

impl Query for IntrospectToken {
    type View = Option<(Arc<Claims>, Arc<UserView>)>;
    const NAME: &'static str = "introspect_token";

    async fn handle(self, app: &App) -> Result<Self::View> {
        let Ok(claims) = app.tokens.verify(&self.0, app.clock.now()) else { return Ok(None) };
        let actor = Actor { user_id: claims.sub, session_id: claims.sid };
        match app.fetch(GetCurrentUser(actor)).await {
            Ok(user) => Ok(Some((claims, user))),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
