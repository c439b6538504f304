//! The page that the link of a mail opens: one form that uses the link up, and another that asks
//! for a new link where somebody who is not logged in may.
//!
//! A page is its words and what its two forms do; see [`LinkPage`]. It answers with the statuses
//! of the API, and still in HTML: 422 for what breaks a rule, 400 for a dead link, 503 with
//! `Retry-After` when something is away.

use askama::Template;
use keyward_core::{
    App, Error, Refusal, Result,
    domain::{EmailAddress, Purpose},
    error::{FieldFlaw, Flaws, Kind},
    origin::Origin,
};
use poem::{FromRequest as _, Request, Response, RouteMethod, endpoint::make, http::header};

use super::{Assets, Form, html};
use crate::http::problem::{Failure, sentence};

/// A page that a mailed link opens.
pub(crate) trait LinkPage: 'static {
    /// What its links are for; also says where it is.
    const PURPOSE: Purpose;
    /// What it says.
    const WORDS: Words;
    /// What must be typed before its link can be used.
    const FIELDS: Fields = Fields { name: false, password: false };

    /// Uses the link up.
    ///
    /// # Errors
    ///
    /// What the command refuses; flaws stand at the fields with their names.
    fn use_link(app: &App, origin: &Origin, form: &Form)
    -> impl Future<Output = Result<()>> + Send;

    /// Sends a new link; reached only if [`Words::another`] offers one.
    ///
    /// # Errors
    ///
    /// What the command refuses.
    fn send_link(
        _app: &App,
        _origin: &Origin,
        _email: EmailAddress,
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Err(Refusal::LinkInvalid.into()))
    }
}

/// What a page says.
pub(crate) struct Words {
    /// Its headline: what the link is for.
    pub(super) title: &'static str,
    /// What the button does.
    pub(super) lead: &'static str,
    /// The button.
    pub(super) button: &'static str,
    /// The headline when it is done.
    pub(super) done: &'static str,
    /// What is true from then on.
    pub(super) done_lead: &'static str,
    /// What to do if the link is dead.
    pub(super) dead_lead: &'static str,
    /// The form that asks for a new link, if there is one.
    pub(super) another: Option<Another>,
}

/// What the form says that asks for a new link.
pub(crate) struct Another {
    /// Its headline.
    pub(super) title: &'static str,
    /// What it does.
    pub(super) lead: &'static str,
    /// Its button.
    pub(super) button: &'static str,
    /// What is true when it is done, whether or not the address has an account.
    pub(super) sent: &'static str,
}

/// What must be typed.
pub(crate) struct Fields {
    /// A name to show.
    pub(super) name: bool,
    /// A new password.
    pub(super) password: bool,
}

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The form that uses the link up.
    Use,
    /// It is done.
    Done,
    /// The link is used, expired or unknown.
    Dead,
    /// The form that asks for a new link.
    Ask,
    /// A new link is on its way, if the address has an account.
    Sent,
}

#[derive(Template)]
#[template(path = "link_page.html")]
struct Page<'a> {
    product: &'a str,
    assets: &'static Assets,
    /// Where the forms are sent to.
    path: &'static str,
    words: &'static Words,
    fields: &'static Fields,
    min_length: usize,
    view: View,
    form: &'a Form,
    /// What is wrong with what was typed.
    flaws: &'a [FieldFlaw],
    /// Why nothing could be done, if it is not for what was typed.
    notice: Option<String>,
}

impl Page<'_> {
    fn title(&self) -> &'static str {
        match (self.view, &self.words.another) {
            (View::Use, _) => self.words.title,
            (View::Done, _) => self.words.done,
            (View::Dead, _) => "This link no longer works",
            (View::Sent, _) => "Check your mail",
            (View::Ask, another) => another.as_ref().map_or(self.words.title, |ask| ask.title),
        }
    }

    /// What is wrong with a field; empty if nothing is.
    fn flaw_of(&self, field: &str) -> String {
        let of_field = |flaw: &&FieldFlaw| flaw.pointer.strip_prefix('/') == Some(field);
        let sentences = self.flaws.iter().filter(of_field).map(|flaw| sentence(&flaw.flaw.detail));
        sentences.collect::<Vec<_>>().join(" ")
    }
}

/// The endpoint of a page. GET and HEAD change nothing, however often a scanner calls; only the
/// form's POST does.
pub(crate) fn endpoint<P: LinkPage>() -> RouteMethod {
    poem::get(make(show::<P>)).post(make(submit::<P>))
}

async fn show<P: LinkPage>(request: Request) -> poem::Result<Response> {
    let app: &App = poem::web::Data::from_request_without_body(&request).await?.0;
    html(&page::<P>(app, View::Use, &Form::default()))
}

async fn submit<P: LinkPage>(request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let app: &App = poem::web::Data::from_request(&request, &mut body).await?.0;
    let origin: &Origin = poem::web::Data::from_request(&request, &mut body).await?.0;
    let form = Form::from_request(&request, &mut body).await?;
    let (tried, done, result) = if form.asks_for_a_link() && P::WORDS.another.is_some() {
        (View::Ask, View::Sent, send_link::<P>(app, origin, &form).await)
    } else {
        (View::Use, View::Done, P::use_link(app, origin, &form).await)
    };
    match result {
        Ok(()) => html(&page::<P>(app, done, &form)),
        Err(error) => refuse::<P>(app, tried, &form, error),
    }
}

async fn send_link<P: LinkPage>(app: &App, origin: &Origin, form: &Form) -> Result<()> {
    let mut flaws = Flaws::default();
    let email = flaws.check("/email", form.email());
    P::send_link(app, origin, flaws.all(email)?).await
}

/// Status and headers as the API answers them, and the page that was tried in place of the body.
fn refuse<P: LinkPage>(
    app: &App,
    tried: View,
    form: &Form,
    error: Error,
) -> poem::Result<Response> {
    let mut page = page::<P>(app, tried, form);
    let mut typed_wrong = Vec::new();
    match &error {
        Error::Refused(Refusal::Invalid(flaws)) => typed_wrong.clone_from(flaws),
        Error::Refused(Refusal::LinkInvalid) => page.view = View::Dead,
        Error::Refused(refusal) if !matches!(refusal.contract().1, Kind::Busy(_)) => {
            page.notice = Some(sentence(&refusal.to_string()));
        }
        Error::Refused(_) | Error::Unavailable(_) | Error::Fault(_) => {
            page.notice = Some(AWAY.to_owned());
        }
    }
    page.flaws = &typed_wrong;
    let (mut parts, body) = html(&page)?.into_parts();
    let (problem, _) = poem::IntoResponse::into_response(Failure::from(error)).into_parts();
    parts.status = problem.status;
    for (name, value) in &problem.headers {
        if name != header::CONTENT_TYPE {
            parts.headers.insert(name, value.clone());
        }
    }
    Ok(Response::from_parts(parts, body))
}

/// What to say when it is on our side.
const AWAY: &str = "The service is not available at the moment. Nothing has changed, and a link \
                    that you have is still good: try again in a minute.";

fn page<'a, P: LinkPage>(app: &'a App, view: View, form: &'a Form) -> Page<'a> {
    Page {
        product: &app.settings.product,
        assets: Assets::get(),
        path: P::PURPOSE.page().trim_start_matches('/'),
        words: const { &P::WORDS },
        fields: const { &P::FIELDS },
        min_length: app.settings.passwords.min_chars,
        view,
        form,
        flaws: &[],
        notice: None,
    }
}
