//! Uploads, passed on in chunks and counted (OWASP ASVS 5.0, 5.2.1): the raw file, or `file` of a
//! form.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, TryStreamExt as _, stream};
use keyward_core::{App, Refusal, domain::PictureFormat};
use poem::{Body, FromRequest, Request, RequestBody, http::header, web::Multipart};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::Instant,
};

use super::problem::Problem;

/// Most bytes of a form beside its file.
const FORM_BYTES: usize = 16 * 1024;
/// Bytes of a chunk.
const CHUNK_BYTES: usize = 16 * 1024;

type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// An upload of which nothing has been read. The route first decides whether it is allowed.
pub(crate) struct Upload {
    /// The form around the file, if there is one.
    form: Option<Multipart>,
    /// The file. None until it is found in the form.
    file: Option<Reader>,
    /// Whether the form exceeds its limit.
    is_too_large: Arc<AtomicBool>,
    max_bytes: usize,
    timeout: Duration,
}

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
        let description = Some("The picture: the raw file, or the field `file` of a form.");
        Some(MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let media_type = request.content_type().unwrap_or_default().split(';').next();
        let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
        let is_form = media_type == "multipart/form-data";
        if !is_form && !PictureFormat::ALL.iter().any(|format| format.media_type() == media_type) {
            let detail = "send image/jpeg, image/png or image/webp, or a form \
                          (multipart/form-data) with `file`";
            return Err(Problem::wrong_media_type(detail).into());
        }
        Ok(Self::open(request, body, is_form).await?)
    }
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

impl Upload {
    async fn open(
        request: &Request,
        body: &mut RequestBody,
        is_form: bool,
    ) -> Result<Self, Problem> {
        let app = request.data::<App>().ok_or_else(Problem::defect)?;
        let (max_bytes, timeout) = (app.settings.avatars.max_bytes, app.settings.http.timeout);
        let limit = max_bytes + if is_form { FORM_BYTES } else { 0 };
        let length = request.header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
        if length.is_some_and(|length: usize| length > limit) {
            return Err(Refusal::UploadTooLarge(max_bytes).into());
        }
        let is_too_large = Arc::new(AtomicBool::new(false));
        let body = body.take().map_err(|_| Refusal::UploadBroken)?;
        let (form, file) = if is_form {
            let mut body = RequestBody::new(counted(body, limit, Arc::clone(&is_too_large)));
            let form = <Multipart as FromRequest>::from_request(request, &mut body).await;
            (Some(form.map_err(|_| Refusal::UploadBroken)?), None)
        } else {
            (None, Some(Box::pin(body.into_async_read()) as Reader))
        };
        Ok(Self { form, file, is_too_large, max_bytes, timeout })
    }

    /// The file in chunks. Fails after `HTTP_TIMEOUT_S`.
    pub(crate) fn chunks(self) -> impl Stream<Item = Result<Vec<u8>, Refusal>> + Send {
        let deadline = Instant::now() + self.timeout;
        stream::try_unfold(self, move |mut upload| async move {
            let chunk = tokio::time::timeout_at(deadline, upload.chunk()).await;
            let chunk = chunk.map_err(|_| Refusal::UploadTooSlow)??;
            Ok(chunk.map(|chunk| (chunk, upload)))
        })
    }

    /// The next chunk. None after the last one.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        if self.file.is_none() {
            self.file = Some(self.next_file().await?.ok_or(Refusal::FormUnfit)?);
        }
        let Some(file) = &mut self.file else { return Err(Refusal::FormUnfit) };
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        if file.read_buf(&mut chunk).await.map_err(|_| self.cause())? > 0 {
            return Ok(Some(chunk));
        }
        // The form can continue only after its field is dropped.
        self.file = None;
        match self.next_file().await? {
            None => Ok(None),
            Some(_) => Err(Refusal::FormUnfit),
        }
    }

    /// The next file of the form, if there is a form. Any other field is refused, like an unknown
    /// member of JSON.
    async fn next_file(&mut self) -> Result<Option<Reader>, Refusal> {
        let Some(form) = &mut self.form else { return Ok(None) };
        match form.next_field().await.map_err(|_| self.cause())? {
            None => Ok(None),
            Some(field) if field.name() == Some("file") => {
                Ok(Some(Box::pin(field.into_async_read())))
            }
            Some(_) => Err(Refusal::FormUnfit),
        }
    }

    /// Why the upload ended early.
    fn cause(&self) -> Refusal {
        if self.is_too_large.load(Ordering::Relaxed) {
            Refusal::UploadTooLarge(self.max_bytes)
        } else {
            Refusal::UploadBroken
        }
    }
}
