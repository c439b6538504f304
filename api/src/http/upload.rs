//! Uploads, passed on in chunks and counted (OWASP ASVS 5.0, 5.2.1): the raw file, or `file` of a
//! form.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{
    FutureExt as _, StreamExt as _, TryFutureExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use keyward_core::{Refusal, domain::PictureFormat, settings::Http};
use poem::{Body, FromRequest, Request, RequestBody, http::header, web::Multipart};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::time::{Instant, timeout};
use tokio_util::io::ReaderStream;

use super::{context::Context, payload, problem::Problem};

/// Most bytes of a form beside its file.
const FORM_BYTES: usize = 16 * 1024;
/// Bytes of a chunk.
const CHUNK_BYTES: usize = 16 * 1024;

type Chunks = BoxStream<'static, Result<Vec<u8>, Refusal>>;

/// The chunks of an upload. Nothing is read before the first chunk is requested: the route first
/// decides whether the upload is allowed. Fails if the client is slower than [`Http::UPLOAD_PACE_BYTES`] in
/// `HTTP_TIMEOUT_S`.
pub(crate) struct Upload(pub(crate) Chunks);

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
        let binary = || inline(MetaSchema::new_with_format("string", "binary"));
        let mut form = MetaSchema::new("object");
        form.required = vec!["file"];
        form.properties = vec![("file", binary())];
        let formats = PictureFormat::ALL.iter().map(|format| (format.media_type(), binary()));
        let content = formats
            .chain([("multipart/form-data", inline(form))])
            .map(|(content_type, schema)| MetaMediaType { content_type, schema })
            .collect();
        let description = Some("The image: the raw file, or the field `file` of a form.");
        Some(MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self::open(&Context::of(request)?, body).await?)
    }
}

impl Upload {
    async fn open(context: &Context<'_>, body: &mut RequestBody) -> Result<Self, Problem> {
        let media_type = context.request.content_type().unwrap_or_default().split(';').next();
        let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
        payload::require_identity(context.request)?;
        let is_form = media_type == "multipart/form-data";
        // The content decides which one it is. `image/jpg` is a usual mistake.
        let is_jpg = media_type == "image/jpg";
        if !is_form
            && !is_jpg
            && !PictureFormat::ALL.iter().any(|format| format.media_type() == media_type)
        {
            let detail = "send image/jpeg, image/png or image/webp, or a form \
                          (multipart/form-data) with `file`";
            return Err(Problem::wrong_media_type(detail));
        }
        let max_bytes = context.app.settings.avatars.max_bytes;
        let limit = max_bytes + if is_form { FORM_BYTES } else { 0 };
        let length = context.request.header(header::CONTENT_LENGTH);
        if length.and_then(|text| text.parse().ok()).is_some_and(|length: usize| length > limit) {
            return Err(Refusal::UploadTooLarge(max_bytes).into());
        }
        let is_too_large = Arc::new(AtomicBool::new(false));
        let body = body.take().map_err(|_| Refusal::UploadBroken)?;
        let body = counted(body, limit, Arc::clone(&is_too_large));
        let chunks = if is_form {
            let mut body = RequestBody::new(body);
            let form = <Multipart as FromRequest>::from_request(context.request, &mut body).await;
            file_of(form.map_err(|_| Refusal::UploadBroken)?)
        } else {
            let chunks = ReaderStream::with_capacity(body.into_async_read(), CHUNK_BYTES);
            chunks.map_ok(Vec::from).map_err(|_| Refusal::UploadBroken).boxed()
        };
        let chunks = chunks.map_err(move |refusal| {
            let is_too_large = is_too_large.load(Ordering::Relaxed);
            if is_too_large { Refusal::UploadTooLarge(max_bytes) } else { refusal }
        });
        Ok(Self(in_time(chunks.boxed(), context.app.settings.http.timeout)))
    }
}

/// Fails if the client does not send [`Http::UPLOAD_PACE_BYTES`], or the rest, within the timeout. The
/// time that it takes to store them does not count.
fn in_time(chunks: Chunks, limit: Duration) -> Chunks {
    let start = (chunks, limit, 0);
    let in_time =
        stream::try_unfold(start, move |(mut chunks, mut left, mut arrived)| async move {
            let began_at = Instant::now();
            let chunk = timeout(left, chunks.try_next()).await;
            let chunk = chunk.map_err(|_| Refusal::UploadTooSlow)??;
            left = left.saturating_sub(began_at.elapsed());
            Ok(chunk.map(|chunk: Vec<u8>| {
                arrived += chunk.len();
                if arrived >= Http::UPLOAD_PACE_BYTES {
                    (left, arrived) = (limit, 0);
                }
                (chunk, (chunks, left, arrived))
            }))
        });
    in_time.boxed()
}

/// Cuts a body after `limit` bytes, regardless of its `Content-Length`.
fn counted(body: Body, limit: usize, is_too_large: Arc<AtomicBool>) -> Body {
    let mut left = limit;
    Body::from_bytes_stream(body.into_bytes_stream().and_then(move |chunk| {
        let rest = left.checked_sub(chunk.len());
        left = rest.unwrap_or(0);
        is_too_large.fetch_or(rest.is_none(), Ordering::Relaxed);
        let cut = || io::Error::other("too many bytes");
        std::future::ready(rest.map(|_| chunk).ok_or_else(cut))
    }))
}

/// The file of a form. Any other field is refused, like an unknown member of JSON.
fn file_of(mut form: Multipart) -> Chunks {
    let chunks = async move {
        let field = form.next_field().await.map_err(|_| Refusal::UploadBroken)?;
        let file = field.filter(|field| field.name() == Some("file")).ok_or(Refusal::FormUnfit)?;
        let chunks = ReaderStream::with_capacity(file.into_async_read(), CHUNK_BYTES);
        let chunks = chunks.map_ok(Vec::from).map_err(|_| Refusal::UploadBroken);
        let end = async move {
            match form.next_field().await.map_err(|_| Refusal::UploadBroken)? {
                None => Ok(Vec::new()),
                Some(_) => Err(Refusal::FormUnfit),
            }
        };
        Ok(chunks.chain(end.into_stream()))
    };
    chunks.try_flatten_stream().boxed()
}
