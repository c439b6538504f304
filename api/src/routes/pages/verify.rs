//! Tries all pages, so that a mistake in a template or a message of the brand stops the start.

use keyward_core::{
    brand::TemplateMistakes,
    domain::{DisplayName, EmailAddress, LinkCode, PasswordPolicy, Purpose, Role},
    error::{FieldFlaw, Flaw},
    languages::Locale,
    queries::LinkView,
};
use poem::http::StatusCode;

use super::{
    content,
    form::Form,
    html::Pages,
    link_page::{LinkPage, View},
    reader::Reader,
};
use crate::http::problem::Problem;

const VIEWS: [View; 6] =
    [View::Use, View::Done, View::Dead, View::Ask, View::Sent, View::Throttled];

/// Renders every page in every language, with everything that it can show and with nothing.
///
/// # Errors
///
/// Every mistake in a template, with file and line, and in a message.
pub(super) fn verify(pages: &Pages) -> Result<(), TemplateMistakes> {
    let mut mistakes = TemplateMistakes::default();
    let mut check = |html: anyhow::Result<String>| {
        if let Err(error) = html {
            mistakes.add(pages.templates().explain(&error));
        }
    };
    for locale in pages.app().settings.brand.languages.locales.all() {
        check(pages.message("page-start", locale));
        check(pages.message("page-not-found", locale));
        for &purpose in Purpose::ALL {
            for view in VIEWS {
                of_link(pages, purpose, view, locale).into_iter().for_each(&mut check);
            }
        }
    }
    mistakes.or(())
}

fn of_link(
    pages: &Pages,
    purpose: Purpose,
    view: View,
    locale: Locale,
) -> Vec<anyhow::Result<String>> {
    let reader = Reader { locale, is_chosen: false };
    let empty = Form::default();
    let html = |form: &Form, link: Option<LinkView>, problem: Option<Problem>| {
        content::html(&LinkPage { purpose, view, form, link, problem }, pages, reader)
    };
    let can_ask = LinkPage { purpose, view, form: &empty, link: None, problem: None }.offers_link();
    match view {
        View::Ask | View::Sent if !can_ask => vec![],
        View::Throttled => vec![html(&empty, None, Some(problem(429, "throttled")))],
        View::Use => {
            let form = Form { token: "token".to_owned(), ..Form::default() };
            let link = LinkView {
                email: "ada@keyward.example".to_owned(),
                role: (purpose == Purpose::AcceptInvitation).then_some(Role::User),
                invited_by: None,
            };
            let invalid = Problem { errors: Some(flaws()), ..problem(422, "invalid") };
            vec![
                html(&empty, None, None),
                html(&form, Some(link), Some(problem(422, "password_required"))),
                html(&empty, None, Some(invalid)),
                html(&form, None, Some(problem(503, "unavailable"))),
            ]
        }
        View::Ask => {
            let invalid = Problem { errors: Some(flaws()), ..problem(422, "invalid") };
            vec![html(&empty, None, None), html(&empty, None, Some(invalid))]
        }
        View::Done | View::Dead | View::Sent => vec![html(&empty, None, None)],
    }
}

fn problem(status: u16, code: &'static str) -> Problem {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    Problem { retry_after_s: Some(60), ..Problem::new(status, code, "") }
}

/// A flaw of every field.
fn flaws() -> Vec<FieldFlaw> {
    let flaws = [
        ("/username", EmailAddress::parse("").err()),
        ("/email", EmailAddress::parse("").err()),
        ("/code", LinkCode::parse("").err()),
        ("/display_name", DisplayName::parse("").err()),
        ("/password", Some(PasswordPolicy::too_short(15))),
    ];
    let flaw = |(pointer, flaw): (&str, Option<Flaw>)| {
        Some(FieldFlaw { pointer: pointer.to_owned(), flaw: flaw? })
    };
    flaws.into_iter().filter_map(flaw).collect()
}
