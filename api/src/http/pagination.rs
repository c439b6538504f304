//! Lists in pages: `?limit=` and an opaque `?cursor=`. Keyset, not offset, so that no item is
//! repeated or skipped while rows are inserted and deleted.

use keyward_core::{Query as CoreQuery, Refusal, queries::Keyset};
use poem::http::Uri;
use poem_openapi::{
    ApiResponse, Object,
    param::Query,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};
use uuid::Uuid;

use super::{context::Context, cursor, problem::Problem};

/// The page that a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Most items on the page.
    pub(crate) limit: u8,
    after: Option<Uuid>,
}

/// A page of a list.
#[derive(Debug, Object)]
pub(crate) struct List<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// The items, latest first.
    items: Vec<T>,
    /// The `cursor` of the next page. Null on the last page.
    next_cursor: Option<String>,
}

/// The response of every list.
#[derive(Debug, ApiResponse)]
pub(crate) enum Listed<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// A page of the list.
    #[oai(status = 200)]
    Page(
        Json<List<T>>,
        /// The URL of the next page, with `rel="next"`. Missing on the last page.
        #[oai(header = "Link")]
        Option<String>,
    ),
}

impl Page {
    /// Items on a page if the client sets no limit.
    pub(crate) const DEFAULT: u32 = 20;
    /// Most items on a page.
    pub(crate) const MAX_LIMIT: u32 = 100;

    /// Reads the parameters `limit` and `cursor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::ParameterInvalid`] if one of them is out of range or malformed.
    pub(crate) fn parse(
        context: &Context<'_>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Self, Refusal> {
        let limit = Self::limit(limit.0)?;
        let after = cursor.0.map(|cursor| cursor::read(context, &cursor)).transpose()?;
        Ok(Self { limit, after: after.map(Uuid::from_bytes) })
    }

    /// Reads the parameter `limit`.
    ///
    /// # Errors
    ///
    /// [`Refusal::ParameterInvalid`] if it is out of range.
    pub(crate) fn limit(limit: Option<u32>) -> Result<u8, Refusal> {
        let limit = limit.unwrap_or(Self::DEFAULT);
        match u8::try_from(limit) {
            Ok(small) if (1..=Self::MAX_LIMIT).contains(&limit) => Ok(small),
            _ => Err(Refusal::parameter("limit", "this must be a number from 1 to 100")),
        }
    }

    /// The rows to read: one more than the page holds, which tells whether there is a next page.
    pub(crate) fn of<I>(self, id: impl Fn(Uuid) -> I) -> Keyset<I> {
        Keyset { after: self.after.map(id), limit: i64::from(self.limit) + 1 }
    }

    /// Runs the query of a list, and answers with the page and the link to the next one.
    ///
    /// # Errors
    ///
    /// As [`Context::fetch`].
    pub(crate) async fn fetch<Q, V, T>(
        self,
        context: &Context<'_>,
        query: Q,
        id: impl Fn(&V) -> Uuid,
        show: impl Fn(V) -> T,
    ) -> Result<Listed<T>, Problem>
    where
        Q: CoreQuery<View = Vec<V>>,
        T: ParseFromJSON + ToJSON + Send + Sync,
    {
        let (found, next) = self.cut(context.fetch(query).await?, id);
        let next_cursor = next.map(|next| cursor::write(context, next.as_bytes()));
        let uri = context.request.original_uri();
        let link = next_cursor.as_deref().map(|next| next_link(uri, self.limit, next));
        let items = found.into_iter().map(show).collect();
        Ok(Listed::Page(Json(List { items, next_cursor }), link))
    }

    /// Cuts the rows to the page. Returns the last id on it, if there is a next page.
    fn cut<V>(self, mut found: Vec<V>, id: impl Fn(&V) -> Uuid) -> (Vec<V>, Option<Uuid>) {
        let has_more = found.len() > usize::from(self.limit);
        found.truncate(self.limit.into());
        let last = found.last().filter(|_| has_more).map(id);
        (found, last)
    }
}

/// The `Link` header to the next page (RFC 8288): the URI of the request with another cursor.
pub(crate) fn next_link(uri: &Uri, limit: u8, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(given.filter(|(key, _)| key != "limit" && key != "cursor"));
    query.append_pair("limit", &limit.to_string()).append_pair("cursor", cursor);
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_one_to_a_hundred_items() {
        assert_eq!(Page::limit(None).unwrap(), 20);
        assert_eq!(Page::limit(Some(100)).unwrap(), 100);
        for bad in [0, 101, 256, u32::MAX] {
            assert!(Page::limit(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_page_has_no_next_one() {
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let page = Page { limit: 2, after: None };
        assert_eq!(page.cut(ids.clone(), |id| *id), (ids[..2].to_vec(), Some(ids[1])));
        assert_eq!(page.cut(ids[2..].to_vec(), |id| *id), (ids[2..].to_vec(), None));
    }

    #[test]
    fn the_link_to_the_next_page_keeps_the_filters() {
        let uri = "/v1/users?cursor=old&query=%C3%AB%26%3E&limit=7".parse().unwrap();
        let link = next_link(&uri, 2, "abc");
        assert_eq!(link, "</v1/users?query=%C3%AB%26%3E&limit=2&cursor=abc>; rel=\"next\"");
    }
}
