//! Cursors: positions in lists. A cursor belongs to its list and filters, and cannot be edited.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::{App, Refusal};
use poem::http::Uri;

use super::context::Context;

/// Parameters that may differ between the pages of a list.
const PAGING: [&str; 2] = ["limit", "cursor"];

/// The cursor of a position.
pub(crate) fn write(context: &Context<'_>, position: &[u8]) -> String {
    seal(context.app, &list_of(context.request.original_uri()), position)
}

/// The cursor of a position in a list.
pub(crate) fn seal(app: &App, list: &str, position: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(app.cursors.seal(list, position))
}

/// The position of a cursor.
///
/// # Errors
///
/// [`Refusal::ParameterInvalid`] if it is not a cursor of this list with these filters.
pub(crate) fn read<const BYTES: usize>(
    context: &Context<'_>,
    cursor: &str,
) -> Result<[u8; BYTES], Refusal> {
    open(context.app, &list_of(context.request.original_uri()), cursor)
}

/// The position of a cursor in a list.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn open<const BYTES: usize>(
    app: &App,
    list: &str,
    cursor: &str,
) -> Result<[u8; BYTES], Refusal> {
    let cursor = URL_SAFE_NO_PAD.decode(cursor).ok();
    let position = cursor.and_then(|cursor| app.cursors.open(list, &cursor));
    let detail = "this must be the next_cursor of an earlier page, with the same filters";
    position.ok_or_else(|| Refusal::parameter("cursor", detail))
}

/// The list of a request: its path and its filters, in any order.
pub(crate) fn list_of(uri: &Uri) -> String {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut filters: Vec<_> = query.filter(|(name, _)| !PAGING.contains(&&**name)).collect();
    filters.sort();
    let filters = form_urlencoded::Serializer::new(String::new()).extend_pairs(filters).finish();
    format!("{}?{filters}", uri.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_path_and_filters() {
        let list = |uri: &str| list_of(&uri.parse().unwrap());
        let users = list("/v1/users?role=admin&query=a%26b&limit=7");
        assert_eq!(users, "/v1/users?query=a%26b&role=admin");
        assert_eq!(list("/v1/users?query=a%26b&cursor=x&role=admin"), users);
        assert_ne!(list("/v1/users?query=a&b=&role=admin"), users);
        assert_ne!(list("/v1/users?query=a%26b&role=user"), users);
        assert_eq!(list("/v1/users"), "/v1/users?");
    }
}
