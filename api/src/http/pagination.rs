//! Lists come in pages: `?limit=` and an opaque `?cursor=`, keyset not offset, so that nothing is
//! shown twice or missed while rows come and go.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::{Refusal, queries::Keyset};
use poem_openapi::{
    ApiResponse, Object,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};
use uuid::Uuid;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// How many items at most.
    pub(crate) limit: u8,
    /// The last item of the page before.
    pub(crate) after: Option<Uuid>,
}

/// A page of a list.
#[derive(Debug, Object)]
pub(crate) struct List<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// The latest first.
    items: Vec<T>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// The answer of every list.
#[derive(Debug, ApiResponse)]
pub(crate) enum Listed<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// A page of the list.
    #[oai(status = 200)]
    Page(
        Json<List<T>>,
        /// The next page.
        #[oai(header = "Link")]
        Option<String>,
    ),
}

impl Page {
    /// How many items a page has if nothing is said.
    pub(crate) const DEFAULT: u32 = 20;
    /// How many items a page may have.
    pub(crate) const MAX_LIMIT: u32 = 100;

    /// Reads the two parameters.
    pub(crate) fn parse(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let limit = limit.unwrap_or(Self::DEFAULT);
        let limit = match u8::try_from(limit) {
            Ok(small) if (1..=Self::MAX_LIMIT).contains(&limit) => small,
            _ => return Err(Refusal::PageInvalid("limit must be a number from 1 to 100")),
        };
        let after = cursor.map(|cursor| {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
            let id = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
            id.ok_or(Refusal::PageInvalid("cursor is none that an earlier page gave"))
        });
        Ok(Self { limit, after: after.transpose()? })
    }

    /// The rows to read: one more than asked for, which shows whether there is a next page.
    pub(crate) fn of<Id>(self, id: fn(Uuid) -> Id) -> Keyset<Id> {
        Keyset { after: self.after.map(id), limit: i64::from(self.limit) + 1 }
    }

    /// The page, and the header that leads to the next one: to `path`, with what is looked for.
    pub(crate) fn answer<V, T: ParseFromJSON + ToJSON + Send + Sync>(
        self,
        path: &str,
        filters: &[(&str, Option<String>)],
        found: Vec<V>,
        id: impl Fn(&V) -> Uuid,
        show: impl Fn(V) -> T,
    ) -> Listed<T> {
        let (found, next_cursor) = self.cut(found, id);
        let link = self.link(path, filters, next_cursor.as_deref());
        let items = found.into_iter().map(show).collect();
        Listed::Page(Json(List { items, next_cursor }), link)
    }

    /// Cuts what was found to the page; and the cursor of the next one, if this is not the last.
    fn cut<V>(self, mut found: Vec<V>, id: impl Fn(&V) -> Uuid) -> (Vec<V>, Option<String>) {
        let has_more = found.len() > usize::from(self.limit);
        found.truncate(self.limit.into());
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|item| URL_SAFE_NO_PAD.encode(id(item).as_bytes()));
        (found, next_cursor)
    }

    /// The header that leads to the next page (RFC 8288), with what is looked for.
    fn link(
        self,
        path: &str,
        filters: &[(&str, Option<String>)],
        next_cursor: Option<&str>,
    ) -> Option<String> {
        Some(link(path, filters, self.limit, ("cursor", next_cursor?)))
    }
}

/// The header that leads on in a list (RFC 8288), with what is looked for.
pub(crate) fn link(
    path: &str,
    filters: &[(&str, Option<String>)],
    limit: u8,
    (name, cursor): (&str, &str),
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in filters {
        query.extend_pairs(value.iter().map(|value| (name, value)));
    }
    query.append_pair("limit", &limit.to_string()).append_pair(name, cursor);
    format!("<{path}?{}>; rel=\"next\"", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_one_to_a_hundred_items() {
        assert_eq!(Page::parse(None, None).unwrap().limit, 20);
        assert_eq!(Page::parse(Some(100), None).unwrap().limit, 100);
        for bad in [0, 101, 256, u32::MAX] {
            assert!(Page::parse(Some(bad), None).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_leads_to_the_next_page_and_the_last_page_has_none() {
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let page = Page::parse(Some(2), None).unwrap();

        let (first, next_cursor) = page.cut(ids.clone(), |id| *id);

        assert_eq!(first, ids[..2]);
        let next = Page::parse(Some(2), next_cursor.as_deref()).unwrap();
        assert_eq!(next.after, Some(ids[1]));
        assert_eq!(next.cut(ids[2..].to_vec(), |id| *id), (ids[2..].to_vec(), None));
    }

    #[test]
    fn the_link_to_the_next_page_keeps_what_is_looked_for() {
        let page = Page::parse(Some(2), None).unwrap();
        let filters = [("query", Some("\u{eb}&>".into())), ("role", None)];
        let link = page.link("/v1/users", &filters, Some("abc"));
        let expected = "</v1/users?query=%C3%AB%26%3E&limit=2&cursor=abc>; rel=\"next\"";
        assert_eq!(link.as_deref(), Some(expected));
        assert_eq!(page.link("/v1/users", &filters, None), None);
    }

    #[test]
    fn a_forged_cursor_is_refused() {
        for bad in ["", "x", "AAAA", "' or 1=1", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            assert!(Page::parse(None, Some(bad)).is_err(), "{bad:?}");
        }
    }
}
