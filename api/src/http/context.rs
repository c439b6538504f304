//! What a route works with: the application and the request that it answers.

use keyward_core::{
    App, Command, Query,
    error::Flaw,
    languages::{LanguageTag, Locale},
    origin::Origin,
};
use poem::{FromRequest, Request, RequestBody, http::header};
use uuid::Uuid;

use super::{parameters, problem::Problem};

/// The application and the request. Executes commands on behalf of the request's origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The application.
    pub(crate) app: &'a App,
    /// Where the request comes from.
    pub(crate) origin: &'a Origin,
    /// The request, without its body.
    pub(crate) request: &'a Request,
    /// The account that is authenticated.
    pub(crate) caller: Option<Uuid>,
}

impl<'a> Context<'a> {
    /// The context of a request.
    ///
    /// # Errors
    ///
    /// 500 if the application or the origin is not attached, which is a defect.
    pub(crate) fn of(request: &'a Request) -> Result<Self, Problem> {
        let app = request.data().ok_or_else(Problem::defect)?;
        let origin = request.data().ok_or_else(Problem::defect)?;
        Ok(Self { app, origin, request, caller: None })
    }

    /// The language of a new account: the one of the tag that it asks for, else the one that its client
    /// prefers, else `DEFAULT_LOCALE`.
    ///
    /// # Errors
    ///
    /// If the tag is malformed.
    pub(crate) fn locale(&self, asked: Option<&str>) -> Result<Locale, Flaw> {
        asked.map_or_else(|| Ok(self.preferred_locale()), |tag| self.locale_of(tag))
    }

    /// The language that serves the readers of a tag best, or `DEFAULT_LOCALE`.
    ///
    /// # Errors
    ///
    /// If the tag is malformed.
    pub(crate) fn locale_of(&self, tag: &str) -> Result<Locale, Flaw> {
        LanguageTag::parse(tag).map(|tag| self.app.settings.locale_for(&tag))
    }

    /// The language that the client prefers, or `DEFAULT_LOCALE`.
    pub(crate) fn preferred_locale(&self) -> Locale {
        let lines = self.request.headers().get_all(header::ACCEPT_LANGUAGE).iter();
        self.app.settings.negotiate(lines.filter_map(|line| line.to_str().ok()))
    }

    /// Executes a command.
    ///
    /// # Errors
    ///
    /// The refusal of the command; 503 if a dependency is unavailable.
    pub(crate) async fn execute<C: Command>(&self, command: C) -> Result<C::Output, Problem> {
        Ok(self.app.execute(command, self.origin).await?)
    }

    /// Executes a command and answers with its output.
    ///
    /// # Errors
    ///
    /// As [`Self::execute`].
    pub(crate) async fn answer<C, A>(&self, command: C) -> Result<A, Problem>
    where
        C: Command,
        A: From<C::Output>,
    {
        self.execute(command).await.map(A::from)
    }

    /// Runs a query.
    ///
    /// # Errors
    ///
    /// The refusal of the query; 503 if a dependency is unavailable.
    pub(crate) async fn fetch<Q: Query>(&self, query: Q) -> Result<Q::View, Problem> {
        Ok(self.app.fetch(query).await?)
    }
}

impl<'a> FromRequest<'a> for Context<'a> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let context = Self::of(request)?;
        parameters::check(request)?;
        Ok(context)
    }
}
