//! Responses that several routes share.

use poem_openapi::{
    ApiResponse,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};

use crate::http::objects::objects;

/// 204: the response has no body.
#[derive(Debug, ApiResponse)]
pub(super) enum NoContent {
    /// The request succeeded. The response has no body.
    #[oai(status = 204)]
    Done,
}

impl From<()> for NoContent {
    fn from((): ()) -> Self {
        Self::Done
    }
}

/// 202: a job does the rest.
#[derive(Debug, ApiResponse)]
pub(super) enum Accepted<S: ParseFromJSON + ToJSON + Send + Sync> {
    /// The request was accepted. The work continues in the background.
    #[oai(status = 202)]
    Status(Json<S>),
}

impl<S: ParseFromJSON + ToJSON + Send + Sync + From<()>> From<()> for Accepted<S> {
    fn from((): ()) -> Self {
        Self::Status(Json(().into()))
    }
}

objects! {
    /// The result is in an email. The response is the same whether or not an account exists.
    CheckYourEmail from (): () {
        /// Always `check_your_email`.
        status: String = "check_your_email",
    }

    /// An email to another user will be sent.
    MailPlanned from (): () {
        /// Always `mail_planned`.
        status: String = "mail_planned",
    }

    /// A webhook delivery will be attempted.
    DeliveryPlanned from (): () {
        /// Always `delivery_planned`.
        status: String = "delivery_planned",
    }

    /// The upload is being processed.
    UploadTaken from (): () {
        /// Always `processing`.
        status: String = "processing",
    }
}
