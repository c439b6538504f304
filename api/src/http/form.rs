//! Bodies that are forms.

use std::marker::PhantomData;

use poem::{Request, RequestBody, http::StatusCode};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};

use super::{
    payload::{self, FormFields, Parse as _},
    problem::Problem,
};

/// A form (`application/x-www-form-urlencoded`) that `T` documents. Unknown fields are ignored, as in
/// OAuth (RFC 6749, section 3.2).
#[derive(Debug)]
pub(crate) struct Form<T>(FormFields, PhantomData<T>);

impl<T> Form<T> {
    /// The only value of a field.
    ///
    /// # Errors
    ///
    /// 400 if the field is missing or repeated.
    pub(crate) fn field(&self, name: &str) -> Result<&str, Problem> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value),
            _ => {
                let detail = format!("the form must have one field {name:?}");
                Err(Problem::new(StatusCode::BAD_REQUEST, "malformed", detail))
            }
        }
    }
}

impl<'a, T: Type> ApiExtractor<'a> for Form<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = MetaMediaType { content_type: FormFields::MEDIA_TYPE, schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![media], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(payload::read(request, body).await?, PhantomData))
    }
}
