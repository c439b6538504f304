//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07): a request that is
//! repeated with its key takes effect once, and gets the first answer again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use keyward_core::{
    Command, Refusal, app,
    domain::IdempotencyKey as Key,
    error::{Flaw, ParameterFlaw},
};
use poem::{
    Body, Endpoint, EndpointExt as _, IntoEndpoint, Request, RequestBody, Response,
    http::{HeaderValue, header::HeaderName},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    context::Context,
    json,
    payload::{self, Parse as _},
    problem::{self, Problem},
};

/// The request header.
pub(crate) const HEADER: &str = "idempotency-key";
/// Marks an answer that was given before.
pub(crate) const REPLAYED: &str = "idempotency-replayed";

/// The key of a request, if it has one, and everything that must be the same whenever it is used.
pub(crate) struct IdempotencyKey(Option<(Key, Vec<u8>)>);

/// A request that takes effect once if it has a key, and as often as it is sent otherwise.
pub(crate) struct Once<'a> {
    context: Context<'a>,
    once: Option<app::Once>,
}

/// Whether the answer to a request was given before.
#[derive(Debug, Clone, Default)]
struct Replayed(Arc<AtomicBool>);

impl<'a> Context<'a> {
    /// Begins a request that may have a key. Waits for an earlier one with the same key.
    ///
    /// # Errors
    ///
    /// 422 if the key belongs to another request; 409 if an earlier one takes too long; 503 if Postgres
    /// is unreachable.
    pub(crate) async fn once(self, key: IdempotencyKey) -> Result<Once<'a>, Problem> {
        let Some((key, request)) = key.0 else { return Ok(Once { context: self, once: None }) };
        // Not the network: a repetition may come from another one. A key without an account is the
        // client's secret.
        let path = self.request.original_uri().path();
        let caller = self.caller.map_or_else(|| path.to_owned(), |caller| caller.to_string());
        let once = self.app.once(self.origin, &caller, &key, &request).await?;
        Ok(Once { context: self, once: Some(once) })
    }
}

impl Once<'_> {
    /// What the command resulted in, if an earlier request has executed it.
    ///
    /// # Errors
    ///
    /// 500 if the record is not a result of this command, which is a defect.
    pub(crate) fn output<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        let output = self.once.as_ref().map(app::Once::output).transpose()?.flatten();
        if output.is_some() {
            self.mark();
        }
        Ok(output)
    }

    /// Executes a command, unless an earlier request has done so.
    ///
    /// # Errors
    ///
    /// As [`Context::execute`].
    pub(crate) async fn execute<C>(mut self, command: C) -> Result<C::Output, Problem>
    where
        C: Command<Output: Serialize + DeserializeOwned>,
    {
        let Some(once) = self.once.take() else { return self.context.execute(command).await };
        let (output, is_replayed) = once.execute(command).await?;
        if is_replayed {
            self.mark();
        }
        Ok(output)
    }

    /// Executes a command as [`execute`](Self::execute) does, and answers with its output.
    ///
    /// # Errors
    ///
    /// As [`Context::execute`].
    pub(crate) async fn answer<C, A>(self, command: C) -> Result<A, Problem>
    where
        C: Command<Output: Serialize + DeserializeOwned>,
        A: From<C::Output>,
    {
        self.execute(command).await.map(A::from)
    }

    fn mark(&self) {
        if let Some(Replayed(is_replayed)) = self.context.request.data() {
            is_replayed.store(true, Ordering::Relaxed);
        }
    }
}

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
    }

    /// Must come before the extractor of the body, which it reads and puts back.
    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let mut lines = request.headers().get_all(HEADER).iter();
        let Some(line) = lines.next() else { return Ok(Self(None)) };
        let key = match lines.next() {
            None => Key::parse(line.as_bytes()),
            Some(_) => Err(Flaw::new("repeated", "this header may be sent once")),
        };
        let key = key.map_err(|flaw| {
            let flaw = ParameterFlaw { parameter: "Idempotency-Key".into(), flaw };
            Problem::from(Refusal::from(flaw))
        })?;
        let mut text = Vec::new();
        // Other bodies have no meaning here.
        if payload::has_media_type(request.content_type(), Value::MEDIA_TYPE) {
            let bytes = payload::bytes(request, body).await?;
            // The order of members, and blanks between them, mean nothing.
            text =
                json::parse(&bytes).map_or_else(|_| bytes.clone(), |json| json.to_string().into());
            *body = RequestBody::new(Body::from(bytes));
        }
        let (method, uri) = (request.method(), request.original_uri());
        let target = format!("{method} {uri}\n");
        Ok(Self(Some((key, [target.into_bytes(), text].concat()))))
    }
}

/// Adds `Idempotency-Replayed` to answers that were given before.
pub(crate) fn wrap<E>(endpoint: E) -> impl Endpoint<Output = Response>
where
    E: IntoEndpoint<Endpoint: 'static>,
{
    endpoint.around(async |inner, mut request| {
        let replayed = Replayed::default();
        request.set_data(replayed.clone());
        let mut response = problem::answer(&*inner, request).await;
        if replayed.0.load(Ordering::Relaxed) && response.status().is_success() {
            let name = HeaderName::from_static(REPLAYED);
            response.headers_mut().insert(name, HeaderValue::from_static("true"));
        }
        Ok(response)
    })
}
