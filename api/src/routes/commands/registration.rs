//! The body of `POST /v1/users`.

use crate::routes::prelude::*;

/// A new account.
#[derive(Debug, Object)]
pub(crate) struct Registration {
    /// The email address, at most 254 bytes. A verification link is emailed to it.
    email: String,
    /// The password: 15 to 128 characters, and hard to guess. No other rules.
    password: String,
    /// The display name, 1 to 100 characters.
    display_name: String,
    /// The language: a tag (BCP 47) such as `de` or `pt-BR`. If the language is not available, the
    /// nearest one is used, or the default of the server. Without this member, `Accept-Language`
    /// decides.
    locale: Option<String>,
}

/// Parses a registration. Checks its password, which takes up to 15 ms.
///
/// # Errors
///
/// 422 with all flaws; 503 if too many passwords are being checked.
pub(super) async fn parse(
    context: &Context<'_>,
    body: Body<Registration>,
) -> Result<commands::RegisterUser, Problem> {
    let (body, mut flaws) = body.parts();
    let email = flaws.check("/email", EmailAddress::parse(&body.email));
    let owner = [body.email.as_str(), body.display_name.as_str()];
    let password = match Password::parse(&body.password) {
        Ok(password) => context.app.check_password(password, owner).await?,
        Err(flaw) => Err(flaw),
    };
    let password = flaws.check("/password", password);
    let name = flaws.check("/display_name", DisplayName::parse(&body.display_name));
    let locale = flaws.check("/locale", context.locale(body.locale.as_deref()));
    let (((email, password), display_name), locale) =
        flaws.all(email.zip(password).zip(name).zip(locale))?;
    Ok(commands::RegisterUser { email, display_name, password, locale })
}
