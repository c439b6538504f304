//! How the confirm routes take a link: by its token, or by its code.

use keyward_core::{
    domain::{EmailAddress, LinkCode, LinkProof},
    error::{Flaw, Flaws},
};
use poem_openapi::Object;

/// What proves that the caller has read the email: the token of its link, or its code and the address
/// that it was sent to.
#[derive(Debug, Object)]
pub(crate) struct EmailedLink {
    /// The token after the `#` of the link. Required without `email` and `code`, and not allowed with
    /// them.
    token: Option<String>,
    /// The address that the email was sent to. Required with `code`.
    email: Option<String>,
    /// The code in the email, such as `WDJB-MJHT`. Required with `email`. Case, blanks and hyphens do
    /// not matter. After five wrong codes, only the token works.
    code: Option<String>,
}

impl EmailedLink {
    /// Reads the token, or the code and the address.
    pub(super) fn proof(self, flaws: &mut Flaws) -> Option<LinkProof> {
        let Self { token, email, code } = self;
        if let Some(token) = token {
            let email = flaws.check("/email", alone(email.as_ref()));
            let code = flaws.check("/code", alone(code.as_ref()));
            // Blanks come along when people copy.
            return email.zip(code).map(|_| LinkProof::Token(token.trim().to_owned()));
        }
        if email.is_none() && code.is_none() {
            let detail = "send the token of the link, or its code and the address";
            return flaws.check("/token", Err(Flaw::new("required", detail)));
        }
        let missing = || Flaw::new("required", "an address and a code belong together");
        let email = email.ok_or_else(missing).and_then(|email| EmailAddress::parse(&email));
        let code = code.ok_or_else(missing).and_then(|code| LinkCode::parse(&code));
        let (email, code) = (flaws.check("/email", email), flaws.check("/code", code));
        email.zip(code).map(|(email, code)| LinkProof::Code { email, code })
    }
}

fn alone(other: Option<&String>) -> Result<(), Flaw> {
    let flaw = || Flaw::new("conflicting_member", "the token of the link already says this");
    other.map_or(Ok(()), |_| Err(flaw()))
}
