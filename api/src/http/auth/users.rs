//! Callers with an access token.

use std::sync::Arc;

use keyward_core::{
    administrator::{Administrator, refuse_scope},
    app::Actor,
    queries::{CheckAdministrator, GetCurrentUser, UserView},
};
use poem::Request;

use crate::http::{
    auth::{
        credential::{self, Credential},
        scheme::caller,
    },
    context::Context,
    problem::Problem,
};

/// The account and session of a valid access token. The session has not ended and the account is
/// active.
#[derive(Debug)]
pub(crate) struct AuthenticatedUser<'a> {
    context: Context<'a>,
    /// The account and the session.
    pub(crate) actor: Actor,
    /// The account as its owner sees it.
    pub(crate) user: Arc<UserView>,
}

/// An administrator, according to the row in Postgres. Decided before anything else of the request
/// is read, so that other callers learn nothing from it. Commands and queries decide again.
#[derive(Debug)]
pub(crate) struct AdminUser<'a> {
    context: Context<'a>,
    /// The account and the session.
    pub(crate) actor: Actor,
    /// The administrator, for commands and queries.
    pub(crate) by: Administrator,
}

impl<'a> AuthenticatedUser<'a> {
    /// Authenticates a request.
    ///
    /// # Errors
    ///
    /// 401 if the token is missing or invalid, or its session has ended; 403 for a service token.
    pub(crate) async fn of(request: &'a Request) -> Result<Self, Problem> {
        let (context, actor) = actor_of(request).await?;
        let user = context.fetch(GetCurrentUser(actor)).await?;
        Ok(Self { context, actor, user })
    }
}

impl<'a> AdminUser<'a> {
    async fn of(request: &'a Request) -> Result<Self, Problem> {
        let (context, actor) = actor_of(request).await?;
        let by = Administrator::Session(actor);
        context.fetch(CheckAdministrator(by)).await?;
        Ok(Self { context, actor, by })
    }
}

/// The holder of the access token of a request. No scope lets a service token in.
async fn actor_of(request: &Request) -> Result<(Context<'_>, Actor), Problem> {
    match credential::verify(request).await? {
        (context, Credential::Access(actor)) => Ok((context, actor)),
        (_, Credential::Service(valid)) => Err(refuse_scope(valid.token.id, None).into()),
    }
}

caller!(AuthenticatedUser admits "user");
caller!(AdminUser admits "administrator");
