//! The form of a page.

use std::collections::HashMap;

use super::links::token_in;
use crate::http::payload::FormFields;

/// The fields of a form. Fields that the page does not have are empty.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The token. If a link was pasted, only its token.
    pub(super) token: String,
    /// `send` requests a new link, `show` looks at this one.
    pub(super) action: String,
    /// The address to send a new link to.
    pub(super) email: String,
    /// The display name.
    pub(super) display_name: String,
    /// The new password. No page shows it again.
    pub(super) password: String,
}

impl Form {
    /// Takes the known fields and ignores all others.
    pub(super) fn new(fields: FormFields) -> Self {
        let mut fields: HashMap<_, _> = fields.into_iter().collect();
        let mut field = |name| fields.remove(name).unwrap_or_default();
        Self {
            token: token_in(&field("token")),
            action: field("action"),
            email: field("email"),
            display_name: field("display_name"),
            password: field("password"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_ignored_and_missing_ones_empty() {
        let fields = form_urlencoded::parse(b"token=a%23b&email=ada%40example.org&role=admin");
        let form = Form::new(fields.into_owned().collect());
        assert_eq!((form.token.as_str(), form.email.as_str()), ("b", "ada@example.org"));
        assert_eq!(form.password, "");
    }
}
