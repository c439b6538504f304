//! Responses that several routes share.

use poem_openapi::{
    ApiResponse, Object,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};

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

impl<S: ParseFromJSON + ToJSON + Send + Sync + Default> From<()> for Accepted<S> {
    fn from((): ()) -> Self {
        Self::Status(Json(S::default()))
    }
}

/// Bodies with a constant `status`.
macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $status:literal })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Object)]
        pub(super) struct $name {
            $(#[$field_doc])*
            status: String,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { status: $status.into() }
            }
        }
    )+};
}

statuses! {
    /// The result is in an email. The response is the same whether or not an account exists.
    CheckYourEmail {
        /// Always `check_your_email`.
        "check_your_email"
    }
    /// An email to another user will be sent.
    MailPlanned {
        /// Always `mail_planned`.
        "mail_planned"
    }
    /// A webhook delivery will be attempted.
    DeliveryPlanned {
        /// Always `delivery_planned`.
        "delivery_planned"
    }
    /// The upload is being processed.
    UploadTaken {
        /// Always `processing`.
        "processing"
    }
}
