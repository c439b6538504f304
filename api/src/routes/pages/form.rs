//! The form of a page.

use std::collections::HashMap;

use keyward_core::{
    domain::{EmailAddress, LinkCode, LinkProof},
    error::Flaws,
};
use serde::Serialize;

use super::links::token_in;
use crate::http::payload::FormFields;

/// The fields of a form. Fields that the page does not have are empty.
#[derive(Default, Serialize)]
pub(super) struct Form {
    /// The token. If a link was pasted, also as a code, only its token.
    pub(super) token: String,
    /// The short code; empty with a token.
    pub(super) code: String,
    /// `send` requests a new link, `show` looks at this one.
    pub(super) action: String,
    /// The address that the code was sent to, or to send a new link to.
    pub(super) email: String,
    /// The display name.
    pub(super) display_name: String,
    /// The new password. No page shows it again.
    #[serde(skip)]
    pub(super) password: String,
}

impl Form {
    /// Takes the known fields and ignores all others.
    pub(super) fn new(fields: FormFields) -> Self {
        let mut fields: HashMap<_, _> = fields.into_iter().collect();
        let mut field = |name| fields.remove(name).unwrap_or_default();
        let (mut token, mut code) = (field("token"), field("code"));
        // A link, or a token from an application's email. A code is shorter.
        if token.is_empty() && code.chars().nth(LinkCode::MAX_CHARS).is_some() {
            token = std::mem::take(&mut code);
        }
        Self {
            token: token_in(&token),
            code,
            action: field("action"),
            email: field("email"),
            display_name: field("display_name"),
            password: field("password"),
        }
    }

    /// The token, or else the code and the address. Flaws point at the fields.
    pub(super) fn proof(&self, flaws: &mut Flaws) -> Option<LinkProof> {
        if !self.token.is_empty() {
            return Some(LinkProof::Token(self.token.clone()));
        }
        let email = flaws.check("/username", EmailAddress::parse(&self.email));
        let code = flaws.check("/code", LinkCode::parse(&self.code));
        email.zip(code).map(|(email, code)| LinkProof::Code { email, code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &[u8]) -> Form {
        Form::new(form_urlencoded::parse(body).into_owned().collect())
    }

    #[test]
    fn a_link_pasted_as_a_code_is_a_token() {
        let pasted = form(b"token=&code=https://id.example/reset-password-of-keyward%23abc");
        assert_eq!((pasted.token.as_str(), pasted.code.as_str()), ("abc", ""));
        let typed = form(b"token=&code=wdjb-mjht");
        assert_eq!((typed.token.as_str(), typed.code.as_str()), ("", "wdjb-mjht"));
    }

    #[test]
    fn unknown_fields_are_ignored_and_missing_ones_empty() {
        let form = form(b"token=a%23b&email=ada%40example.org&role=admin");
        assert_eq!((form.token.as_str(), form.email.as_str()), ("b", "ada@example.org"));
        assert_eq!(form.password, "");
    }
}
