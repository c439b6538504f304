//! Response bodies: sent in small frames, so that a client that stops reading is noticed.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use poem::http::Extensions;

use super::activity::RequestInProgress;

/// Bytes of a frame. A client must read as many within `HTTP_TIMEOUT_S`; over HTTP/1.1, up to three
/// more that hyper and the kernel hold.
pub(super) const FRAME_BYTES: usize = 16 * 1024;

/// The body of a response. Its request is in progress until the client has taken the body.
pub(super) struct ResponseBody<B> {
    body: B,
    /// The rest of the last frame of `body`.
    rest: Bytes,
    /// Whether the last byte has a frame of its own. hyper asks for the next frame when the HTTP/2
    /// window is open, so the body ends only when the window has room for all of it.
    keeps_last_byte: bool,
    request: RequestInProgress,
    /// What the endpoint has attached to the response. Dropped with the body.
    _attached: Extensions,
}

impl<B> ResponseBody<B> {
    pub(super) fn new(
        body: B,
        is_http2: bool,
        request: RequestInProgress,
        attached: Extensions,
    ) -> Self {
        request.waits_for_client(true);
        let rest = Bytes::new();
        Self { body, rest, keeps_last_byte: is_http2, request, _attached: attached }
    }
}

impl<B: Body<Data = Bytes, Error = io::Error> + Unpin> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                    this.rest = frame.into_data().unwrap_or_default();
                }
                Poll::Pending => {
                    this.request.waits_for_client(false);
                    return Poll::Pending;
                }
                ended => return ended,
            }
        }
        this.request.waits_for_client(true);
        let is_last = this.rest.len() > 1 && this.body.is_end_stream();
        let kept = usize::from(this.keeps_last_byte && is_last);
        let length = (this.rest.len() - kept).min(FRAME_BYTES);
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut all = SizeHint::new();
        all.set_lower(hint.lower() + rest);
        if let Some(upper) = hint.upper() {
            all.set_upper(upper + rest);
        }
        all
    }
}
