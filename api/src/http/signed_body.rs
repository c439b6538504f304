//! Bodies whose signature covers their bytes.

use poem::{Request, RequestBody, http::StatusCode};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};

use serde::de::IgnoredAny;

use super::{
    payload::{self, Parse},
    problem::Problem,
};

/// A JSON body as it was sent, to be verified before it is parsed.
#[derive(Debug, Clone)]
pub(crate) struct SignedBody(pub(crate) Vec<u8>);

/// Name of the schema in the document.
const SCHEMA: &str = "MailReports";

impl Parse for SignedBody {
    const MEDIA_TYPE: &'static str = "application/json";

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(bytes) {
            Ok(IgnoredAny) => Ok(Self(bytes.to_vec())),
            Err(error) => {
                let detail = format!("the body is not valid JSON: {error}");
                Err(Problem::new(StatusCode::BAD_REQUEST, "malformed", detail))
            }
        }
    }
}

impl<'a> ApiExtractor<'a> for SignedBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = Some("Reports in the form of the provider.");
        registry.schemas.insert(SCHEMA.into(), MetaSchema { description, ..MetaSchema::ANY });
    }

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchemaRef::Reference(SCHEMA.into());
        let media = MetaMediaType { content_type: "application/json", schema };
        Some(MetaRequest { description: None, content: vec![media], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(payload::read(request, body).await?)
    }
}
