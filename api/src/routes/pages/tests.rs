//! Every page in every state and language.

use std::collections::BTreeSet;

use keyward_core::{
    domain::{DisplayName, EmailAddress, LinkCode, Password, PasswordPolicy, Purpose, Role},
    error::{FieldFlaw, Flaw},
    languages::{Arguments, Language, Locale},
    queries::LinkView,
};
use poem::{
    Response,
    http::{StatusCode, header},
};

use super::{
    content, failure,
    form::Form,
    html::Pages,
    link_page::{LinkPage, View},
    reader::Reader,
};
use crate::{http::problem::Problem, test_app::test_app};

/// A page of a link, with everything that it shows.
struct State {
    purpose: Purpose,
    view: View,
    form: Form,
    link: Option<LinkView>,
    problem: Option<Problem>,
}

impl State {
    fn new(purpose: Purpose, view: View) -> Self {
        Self { purpose, view, form: Form::default(), link: None, problem: None }
    }

    fn with_token(self) -> Self {
        let (token, display_name) = ("the-token".to_owned(), "Grace".to_owned());
        Self { form: Form { token, display_name, ..self.form }, ..self }
    }

    fn with_link(self) -> Self {
        let is_invitation = self.purpose == Purpose::AcceptInvitation;
        let link = LinkView {
            email: "grace@example.org".to_owned(),
            role: is_invitation.then_some(Role::Admin),
            invited_by: Some("Root".to_owned()),
        };
        Self { link: Some(link), ..self }
    }

    fn with_problem(self, status: u16, code: &'static str) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        let problem = Problem::new(status, code, "the words of the API");
        Self { problem: Some(Problem { retry_after_s: Some(150), ..problem }), ..self }
    }

    fn with_flaws(self, flaws: impl IntoIterator<Item = (&'static str, Flaw)>) -> Self {
        let flaw = |(field, flaw)| FieldFlaw { pointer: format!("/{field}"), flaw };
        let errors = Some(flaws.into_iter().map(flaw).collect());
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "some members");
        Self { problem: Some(Problem { errors, ..problem }), ..self }
    }
}

/// Every flaw of every field, with the name of its messages.
fn flaws() -> Vec<(&'static str, &'static str, Flaw)> {
    let long = "x".repeat(300);
    let emails = ["", &*long, "ada example.org", "a\u{3164}@example.org", "\u{ff41}da@example.org"];
    let codes = ["", "abc"];
    let names = ["", &*long, "\u{3164}", "\u{410}dmin", "a\u{301}\u{301}"];
    let passwords = ["", &*long];
    let mut all = Vec::new();
    for field in ["username", "email"] {
        let flaws = emails.map(|typed| EmailAddress::parse(typed).unwrap_err());
        all.extend(flaws.map(|flaw| (field, "email", flaw)));
    }
    let flaws = codes.map(|typed| LinkCode::parse(typed).err().unwrap());
    all.extend(flaws.map(|flaw| ("code", "code", flaw)));
    all.push(("code", "code", Flaw::new("wrong_code", "")));
    let flaws = names.map(|typed| DisplayName::parse(typed).unwrap_err());
    all.extend(flaws.map(|flaw| ("display_name", "name", flaw)));
    let flaws = passwords.map(|typed| Password::parse(typed).unwrap_err());
    all.extend(flaws.map(|flaw| ("password", "password", flaw)));
    let weak = ["too_common", "too_guessable"].map(|code| Flaw::new(code, ""));
    let weak = weak.into_iter().chain([PasswordPolicy::too_short(15)]);
    all.extend(weak.map(|flaw| ("password", "password", flaw)));
    all
}

/// Every page of a link in every state.
fn states() -> Vec<State> {
    let mut states = Vec::new();
    for &purpose in Purpose::ALL {
        let of = |view| State::new(purpose, view);
        states.extend([View::Use, View::Done, View::Dead].map(of));
        states.extend([of(View::Use).with_token(), of(View::Use).with_token().with_link()]);
        states.push(of(View::Throttled).with_problem(429, "throttled"));
        if matches!(purpose, Purpose::VerifyEmail | Purpose::ResetPassword) {
            states.extend([View::Ask, View::Sent].map(of));
            let flaw = EmailAddress::parse("ada").unwrap_err();
            states.push(of(View::Ask).with_flaws([("email", flaw)]));
        }
        for (status, code) in
            [(503, "unavailable"), (500, "defect"), (429, "throttled"), (418, "unknown")]
        {
            states.push(of(View::Use).with_token().with_problem(status, code));
        }
        for (field, _, flaw) in flaws() {
            states.push(of(View::Use).with_flaws([(field, flaw)]));
        }
    }
    let disputed = State::new(Purpose::VerifyEmail, View::Use).with_token().with_link();
    states.push(disputed.with_problem(422, "password_required"));
    states
}

async fn html_of(mut response: Response) -> String {
    response.take_body().into_string().await.unwrap()
}

/// The pages of one language.
async fn pages_in(pages: &Pages, locale: Locale) -> Vec<String> {
    let reader = Reader { locale, is_chosen: false };
    let mut all = Vec::new();
    for State { purpose, view, form, link, problem } in states() {
        let page = LinkPage { purpose, view, form: &form, link, problem };
        all.push(html_of(content::response(&page, pages, reader).unwrap()).await);
    }
    for id in ["page-start", "page-not-found"] {
        all.push(pages.message(id, locale).unwrap());
    }
    all
}

/// The shipped languages.
fn all(pages: &Pages) -> impl Iterator<Item = Locale> {
    pages.app().settings.brand.languages.locales.all()
}

fn pages() -> Pages {
    Pages::new(&test_app()).unwrap()
}

/// What a reader sees or hears of a page: its texts, and attributes that are read out.
fn words(html: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        words.insert(text.trim().to_owned());
        for name in [" aria-label=\"", " data-enough=\"", " data-missing=\""] {
            let value = tag.split_once(name).and_then(|(_, rest)| rest.split_once('"'));
            words.extend(value.iter().flat_map(|(value, _)| value.split('|')).map(str::to_owned));
        }
    }
    words.retain(|word| word.chars().any(char::is_alphabetic));
    words
}

/// Words that are the same in every language: names, addresses and the menu of languages.
fn is_name(word: &str, pages: &Pages) -> bool {
    let names = ["Keyward", "Root", "support@example.org"];
    let own = |locale| pages.language(locale).text("language-name", &Arguments::new()).unwrap();
    names.contains(&word) || all(pages).map(own).any(|name| name == word)
}

#[tokio::test]
async fn no_page_has_words_of_english_in_another_language() {
    let pages = pages();
    let english = pages_in(&pages, Locale::ENGLISH).await;
    for locale in all(&pages).filter(|locale| *locale != Locale::ENGLISH) {
        for (own, english) in pages_in(&pages, locale).await.iter().zip(&english) {
            let (own, english) = (words(own), words(english));
            let same = own.intersection(&english).filter(|word| !is_name(word, &pages));
            assert_eq!(same.collect::<Vec<_>>(), [""; 0], "{locale:?}");
            assert!(own.len() + 3 > english.len(), "{locale:?}: {own:?}");
        }
    }
}

#[tokio::test]
async fn every_page_names_its_language_and_direction() {
    let pages = pages();
    for locale in all(&pages) {
        let (tag, direction) = (locale.as_str(), pages.language(locale).direction());
        for html in pages_in(&pages, locale).await {
            let root = format!("<!doctype html>\n<html lang=\"{tag}\" dir=\"{direction}\">\n");
            assert!(html.starts_with(&root), "{html}");
        }
        let reader = Reader { locale, is_chosen: false };
        let response =
            |reader| Pages::response(pages.message("page-start", locale), reader).unwrap();
        let (response, chosen) = (response(reader), response(Reader { is_chosen: true, ..reader }));
        assert_eq!(response.header(header::CONTENT_LANGUAGE), Some(tag));
        assert_eq!(response.header(header::VARY), Some("accept-language"));
        assert_eq!(chosen.header(header::VARY), None);
    }
}

/// The elements of a page, without the texts in their attributes.
fn elements(html: &str) -> Vec<String> {
    let tags = html.split('<').skip(1).filter_map(|part| part.split_once('>'));
    let tags = tags.map(|(tag, _)| match tag.split_once(" aria-label=\"") {
        Some((before, rest)) => format!("{before} {}", rest.split_once('"').unwrap().1),
        None => tag.replace(" aria-current=\"true\"", ""),
    });
    tags.filter(|tag| !tag.starts_with("html ") && !tag.contains("data-missing")).collect()
}

#[tokio::test]
async fn every_language_has_the_same_forms_and_fields() {
    let pages = pages();
    let english = pages_in(&pages, Locale::ENGLISH).await;
    for locale in all(&pages) {
        for (own, english) in pages_in(&pages, locale).await.iter().zip(&english) {
            assert_eq!(elements(own), elements(english), "{locale:?}");
        }
    }
}

#[tokio::test]
async fn pages_are_well_formed_and_show_no_words_of_the_api() {
    let pages = pages();
    for locale in all(&pages) {
        for html in pages_in(&pages, locale).await {
            assert!(!html.contains("the words of the API"), "{html}");
            let mut open = Vec::new();
            for (tag, _) in html.split('<').skip(1).filter_map(|part| part.split_once('>')) {
                let name = tag.split_whitespace().next().unwrap();
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
                    None if tag.ends_with('/') => {}
                    None if ["!doctype", "meta", "link", "input"].contains(&name) => {}
                    None => open.push(name),
                }
            }
            assert_eq!(open, [""; 0]);
        }
    }
}

#[tokio::test]
async fn every_flaw_has_a_sentence_of_its_own() {
    let pages = pages();
    let sentence = |language: Language<'_>, field: &str, flaw: &Flaw| {
        failure::of_flaw(language, field, flaw).unwrap()
    };
    for locale in all(&pages) {
        let language = pages.language(locale);
        let general = sentence(language, "name", &Flaw::new("brand_new", "in English"));
        assert_eq!(general, language.text("page-flaw.other", &Arguments::new()).unwrap());
        for (_, field, flaw) in flaws() {
            let sentence = sentence(language, field, &flaw);
            assert_ne!(sentence, general, "{locale:?} {field} {}", flaw.code);
            let character = flaw.values.iter().find(|(name, _)| *name == "character");
            assert!(character.is_none_or(|(_, it)| sentence.contains(it)), "{sentence}");
        }
    }
}

#[tokio::test]
async fn short_password_has_a_plural_form() {
    let pages = pages();
    for (locale, min, expected) in [
        ("pl", 15, "Hasło musi mieć co najmniej 15 znaków."),
        ("pl", 22, "Hasło musi mieć co najmniej 22 znaki."),
        ("uk", 21, "Пароль має містити щонайменше 21 символ."),
        ("ja", 15, "パスワードは15文字以上にしてください。"),
    ] {
        let language =
            pages.language(pages.app().settings.brand.languages.locales.get(locale).unwrap());
        let sentence = failure::of_flaw(language, "password", &PasswordPolicy::too_short(min));
        assert_eq!(sentence.unwrap(), expected);
    }
}

#[tokio::test]
async fn chosen_language_is_kept_by_forms_and_the_menu_lists_all() {
    let pages = pages();
    let hebrew = Reader {
        locale: pages.app().settings.brand.languages.locales.get("he").unwrap(),
        is_chosen: true,
    };
    for State { purpose, view, form, link, problem } in states() {
        let page = LinkPage { purpose, view, form: &form, link, problem };
        let html = html_of(content::response(&page, &pages, hebrew).unwrap()).await;
        let action = format!("action=\"{}?lang=he\"", &purpose.page()[1..]);
        assert_eq!(html.matches("<form ").count(), html.matches(&action).count(), "{html}");
        let is_result = matches!(view, View::Done | View::Sent);
        let entries = if is_result { 0 } else { all(&pages).count() };
        assert_eq!(html.matches(" hreflang=\"").count(), entries, "{html}");
    }
}
