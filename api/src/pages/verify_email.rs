//! `/verify-email`: where the link of a verification mail leads.

use askama::Template;
use keyward_core::{
    App,
    commands::{ConfirmEmail, RequestEmailVerification},
    domain::EmailAddress,
    origin::Origin,
};
use poem::{
    Response, handler,
    web::{self, Data},
};

use super::{Assets, FAILED, Form, Trouble, respond, sentence};

#[derive(Template)]
#[template(path = "verify_email.html")]
struct Page<'a> {
    product: &'a str,
    css: &'a str,
    js: &'a str,
    icon: &'a str,
    view: View,
}

/// What the page shows.
enum View {
    /// The button that confirms; `problem` is at the code.
    Form { problem: Option<String>, token: String },
    /// It is done.
    Done,
    /// The link is used, expired or unknown.
    LinkInvalid,
    /// Where to send a new link.
    Ask { problem: Option<String>, email: String },
    /// A new link is on its way, if the address has an account.
    Sent,
    /// It is on our side; the form is kept.
    Failed { title: String, detail: String, token: String },
}

/// The page and its form.
pub(crate) struct VerifyEmailPage;

impl VerifyEmailPage {
    /// Its endpoint.
    pub(crate) fn endpoint() -> poem::RouteMethod {
        poem::get(show).post(submit)
    }
}

#[handler]
async fn show(app: Data<&App>) -> poem::Result<Response> {
    render(&app, View::Form { problem: None, token: String::new() })
}

#[handler]
async fn submit(
    app: Data<&App>,
    origin: Data<&Origin>,
    form: web::Form<Form>,
) -> poem::Result<Response> {
    let view = if form.asks_for_a_link() {
        send_link(&app, &origin, &form.email).await
    } else {
        use_link(&app, &origin, &form).await
    };
    render(&app, view)
}

async fn send_link(app: &App, origin: &Origin, email: &str) -> View {
    let address = match EmailAddress::parse(email) {
        Ok(address) => address,
        Err(flaw) => {
            let problem = Some(sentence(&flaw.detail));
            return View::Ask { problem, email: email.to_owned() };
        }
    };
    match app.execute(RequestEmailVerification { email: address }, origin).await {
        Ok(()) => View::Sent,
        Err(error) => match Trouble::from(error) {
            Trouble::Problem(problem) => {
                View::Ask { problem: Some(problem), email: email.to_owned() }
            }
            Trouble::LinkInvalid | Trouble::Failed => failed(String::new()),
        },
    }
}

async fn use_link(app: &App, origin: &Origin, form: &Form) -> View {
    let token = form.token();
    match app.execute(ConfirmEmail { token: token.clone() }, origin).await {
        Ok(()) => View::Done,
        Err(error) => match Trouble::from(error) {
            Trouble::LinkInvalid => View::LinkInvalid,
            Trouble::Problem(problem) => View::Form { problem: Some(problem), token },
            Trouble::Failed => failed(token),
        },
    }
}

fn failed(token: String) -> View {
    let (title, detail) = FAILED;
    View::Failed { title: title.into(), detail: detail.into(), token }
}

fn render(app: &App, view: View) -> poem::Result<Response> {
    let Assets { css, js, icon } = Assets::get();
    respond(&Page { product: &app.settings.product, css, js, icon, view })
}
