//! What a page's form sends.

use keyward_core::{
    App,
    domain::{DisplayName, EmailAddress, Password},
    error::Flaw,
};
use poem::{FromRequest, Request, RequestBody, http::StatusCode};

use crate::http::{
    body,
    problem::{self, Problem},
};

/// A form, posted by a page. What a page does not ask for is empty.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The token alone: people paste the whole link, too.
    pub(super) token: String,
    /// `send` asks for a new link.
    action: String,
    /// Where to send it.
    pub(super) email: String,
    /// The name to show.
    pub(super) display_name: String,
    password: String,
}

impl Form {
    /// Reads a form (`application/x-www-form-urlencoded`); unknown members are left out.
    fn parse(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "token" => form.token = token_in(&value).to_owned(),
                "action" => form.action = value.into_owned(),
                "email" => form.email = value.into_owned(),
                "display_name" => form.display_name = value.into_owned(),
                "password" => form.password = value.into_owned(),
                _ => {}
            }
        }
        form
    }

    /// Whether it asks for a new link rather than using one up.
    pub(super) fn asks_for_a_link(&self) -> bool {
        self.action == "send"
    }

    /// The address that a new link goes to.
    pub(super) fn email(&self) -> Result<EmailAddress, Flaw> {
        EmailAddress::parse(&self.email)
    }

    /// The name to show.
    pub(super) fn display_name(&self) -> Result<DisplayName, Flaw> {
        DisplayName::parse(&self.display_name)
    }

    /// The new password. Not shown again by any page.
    pub(super) fn password(&self) -> Result<Password, Flaw> {
        Password::parse(&self.password)
    }
}

fn token_in(text: &str) -> &str {
    let text = text.trim();
    text.rsplit_once('#').map_or(text, |(_, token)| token)
}

impl<'a> FromRequest<'a> for Form {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let essence = request.content_type().and_then(|kind| kind.split(';').next());
        let is_form =
            essence.is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
        if !is_form {
            let detail = "the form must be sent as application/x-www-form-urlencoded";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "wrong_media_type", detail).into());
        }
        let app = request.data::<App>().ok_or_else(problem::defect)?;
        Ok(Self::parse(&body::read(body.take()?, app).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_link_is_cut_to_its_token() {
        assert_eq!(token_in(" abc\n"), "abc");
        assert_eq!(token_in("https://id.example/reset-password#abc "), "abc");
    }

    #[test]
    fn a_form_is_decoded_and_what_it_lacks_is_empty() {
        let form = Form::parse(b"token=a%23b&email=ada%40example.org&action=send&role=admin");
        assert_eq!((form.token.as_str(), form.email.as_str()), ("b", "ada@example.org"));
        assert!(form.asks_for_a_link());
        assert!(form.password().is_err());
    }
}
