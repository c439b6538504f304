//! Bodies that are files, passed on piece by piece and counted (OWASP ASVS 5.0, 5.2.1): raw, or as
//! `file` of a form.

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
use poem::{
    Body, FromRequest, Request, RequestBody,
    http::{StatusCode, header},
    web::Multipart,
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::Instant,
};

use crate::http::problem::{Failure, Problem, ProblemBody};

/// What a form may have around its file.
const FORM_BYTES: usize = 16 * 1024;
/// So many bytes are passed on at once.
const PIECE_BYTES: usize = 16 * 1024;

type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// A file on its way in. Nothing of it has been read: first the route finds out whether it may come.
pub(crate) struct Upload {
    /// The form around the file, if there is one.
    form: Option<Multipart>,
    /// The file; nothing before it has been found in the form.
    file: Option<Reader>,
    /// Whether more has come than a form may have.
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
        let app = request.data::<App>().ok_or_else(crate::http::problem::defect)?;
        let media_type = request.content_type().unwrap_or_default().split(';').next();
        let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
        let is_form = media_type == "multipart/form-data";
        if !is_form && !PictureFormat::ALL.iter().any(|format| format.media_type() == media_type) {
            return Err(Failure::WrongMediaType(ProblemBody(wrong_media_type())).into());
        }
        Ok(open(app, request, body, is_form).await.map_err(Failure::from)?)
    }
}

fn wrong_media_type() -> Problem {
    let detail =
        "send image/jpeg, image/png or image/webp, or a form (multipart/form-data) with `file`";
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type", detail)
}

async fn open(
    app: &App,
    request: &Request,
    body: &mut RequestBody,
    is_form: bool,
) -> Result<Upload, Refusal> {
    let (max_bytes, timeout) = (app.settings.avatars.max_bytes, app.settings.http.timeout);
    let limit = max_bytes + if is_form { FORM_BYTES } else { 0 };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Refusal::UploadTooLarge { max_bytes });
    }
    let is_too_large = Arc::new(AtomicBool::new(false));
    let body = body.take().map_err(|_| Refusal::UploadBroken)?;
    let (form, file) = if is_form {
        let body = counted(body, limit, Arc::clone(&is_too_large));
        let form =
            <Multipart as FromRequest>::from_request(request, &mut RequestBody::new(body)).await;
        (Some(form.map_err(|_| Refusal::UploadBroken)?), None)
    } else {
        (None, Some(Box::pin(body.into_async_read()) as Reader))
    };
    Ok(Upload { form, file, is_too_large, max_bytes, timeout })
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
    /// The file, piece by piece, until all of it has come or the time is up (`HTTP_TIMEOUT_S`).
    pub(crate) fn pieces(self) -> impl Stream<Item = Result<Vec<u8>, Refusal>> + Send {
        let deadline = Instant::now() + self.timeout;
        stream::try_unfold(self, move |mut upload| async move {
            let piece = tokio::time::timeout_at(deadline, upload.piece()).await;
            let piece = piece.map_err(|_| Refusal::UploadTooSlow)??;
            Ok(piece.map(|piece| (piece, upload)))
        })
    }

    /// The next piece; nothing behind the last one.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        if self.file.is_none() {
            self.file = Some(self.next_file().await?.ok_or(Refusal::FormUnfit)?);
        }
        let Some(file) = &mut self.file else { return Err(Refusal::FormUnfit) };
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        if file.read_buf(&mut piece).await.map_err(|_| self.cause())? > 0 {
            return Ok(Some(piece));
        }
        // The form can only be read on when nothing holds its field any more.
        self.file = None;
        match self.next_file().await? {
            None => Ok(None),
            Some(_) => Err(Refusal::FormUnfit),
        }
    }

    /// The next file of the form, if there is a form. Anything else in it is refused, as are
    /// unknown members of JSON.
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

    /// Why it could not be read on.
    fn cause(&self) -> Refusal {
        if self.is_too_large.load(Ordering::Relaxed) {
            Refusal::UploadTooLarge { max_bytes: self.max_bytes }
        } else {
            Refusal::UploadBroken
        }
    }
}
