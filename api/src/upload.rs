//! Bodies that are files, read piece by piece and counted (OWASP ASVS 5.0, 5.2.1): raw, or as `file`
//! of a form.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt as _;
use keyward_core::{App, Refusal, domain::PictureFormat};
use poem::{
    Body, FromRequest, Request, RequestBody,
    http::{StatusCode, header},
    web::Multipart,
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::{io::AsyncReadExt as _, sync::Semaphore};

use crate::problem::Problem;

/// What a form may have around its file.
const FORM_BYTES: usize = 16 * 1024;
/// For so long an upload may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Uploads that are read at the same time: what they hold in memory is bounded.
static PLACES: Semaphore = Semaphore::const_new(8);

/// A file on its way in. Nothing of it has been read: first the route finds out whether it may come.
pub(crate) struct Upload {
    kind: Kind,
    is_too_large: Arc<AtomicBool>,
    max_bytes: usize,
}

enum Kind {
    Raw(Body),
    Form(Multipart),
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let binary = || MetaSchema::new_with_format("string", "binary");
        let raw = |content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(binary())),
        };
        let mut form = MetaSchema::new("object");
        form.required = vec!["file"];
        form.properties = vec![("file", MetaSchemaRef::Inline(Box::new(binary())))];
        let form = MetaMediaType {
            content_type: "multipart/form-data",
            schema: MetaSchemaRef::Inline(Box::new(form)),
        };
        let mut content: Vec<_> =
            PictureFormat::ALL.iter().map(|format| raw(format.media_type())).collect();
        content.push(form);
        let description = Some("The picture: as it is, or as `file` of a form.");
        Some(MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(open(request, body).await?)
    }
}

async fn open(request: &Request, body: &mut RequestBody) -> Result<Upload, Problem> {
    let app = request.data::<App>().ok_or_else(crate::problem::defect)?;
    let max_bytes = app.settings.avatars.max_bytes;
    let media_type = request.content_type().unwrap_or_default().split(';').next();
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    let is_form = media_type == "multipart/form-data";
    if !is_form && !PictureFormat::ALL.iter().any(|format| format.media_type() == media_type) {
        let detail =
            "send image/jpeg, image/png or image/webp, or a form (multipart/form-data) with `file`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type", detail));
    }
    let limit = max_bytes + if is_form { FORM_BYTES } else { 0 };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(max_bytes));
    }
    let is_too_large = Arc::new(AtomicBool::new(false));
    let body = body.take().map_err(|_| malformed("there is no body"))?;
    let body = counted(body, limit, Arc::clone(&is_too_large));
    let kind = if is_form {
        let form =
            <Multipart as FromRequest>::from_request(request, &mut RequestBody::new(body)).await;
        Kind::Form(form.map_err(|_| malformed("the form cannot be read"))?)
    } else {
        Kind::Raw(body)
    };
    Ok(Upload { kind, is_too_large, max_bytes })
}

/// The body, cut off behind `limit` bytes, whatever it said of its length.
fn counted(body: Body, limit: usize, is_too_large: Arc<AtomicBool>) -> Body {
    let mut left = limit;
    Body::from_bytes_stream(body.into_bytes_stream().and_then(move |piece| {
        let rest = left.checked_sub(piece.len());
        left = rest.unwrap_or(0);
        is_too_large.fetch_or(rest.is_none(), Ordering::Relaxed);
        let cut = || io::Error::other("too many bytes");
        std::future::ready(rest.map(|_| piece).ok_or_else(cut))
    }))
}

impl Upload {
    /// Reads the file.
    pub(crate) async fn read(self) -> Result<Vec<u8>, Problem> {
        let busy = || {
            let busy = Refusal::Busy { retry_after: Duration::from_secs(1) };
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, busy.contract().0, busy.to_string())
        };
        let _place = PLACES.try_acquire().map_err(|_| busy())?;
        let max_bytes = self.max_bytes;
        let read = async {
            match self.kind {
                Kind::Raw(body) => take(body.into_async_read(), max_bytes).await,
                Kind::Form(form) => file_of(form, max_bytes).await,
            }
        };
        let late = || {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not come in time")
        };
        let file = tokio::time::timeout(PATIENCE, read).await.map_err(|_| late())?;
        // Whatever became of the form: that was why.
        if self.is_too_large.load(Ordering::Relaxed) {
            return Err(too_large(max_bytes));
        }
        file
    }
}

/// The one file of a form. Anything else in it is refused, as are unknown members of JSON.
async fn file_of(mut form: Multipart, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    let unreadable = |_| malformed("the form cannot be read");
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() != Some("file") || file.is_some() {
            return Err(unfit("the form must have one field, `file`"));
        }
        file = Some(take(field.into_async_read(), max_bytes).await?);
    }
    file.ok_or_else(|| unfit("the form must have one field, `file`"))
}

async fn take(
    from: impl tokio::io::AsyncRead + Send,
    max_bytes: usize,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    tokio::pin!(from);
    let read = from.take(max_bytes as u64 + 1).read_to_end(&mut bytes).await;
    if bytes.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    read.map_err(|_| malformed("the body could not be read"))?;
    Ok(bytes)
}

fn too_large(max_bytes: usize) -> Problem {
    let detail = format!("a picture has at most {max_bytes} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

fn unfit(detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_member", detail)
}
