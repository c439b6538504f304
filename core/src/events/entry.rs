//! The catalogue as data.

use crate::domain::{
    ActorId, AvatarUploadId, EndReason, EndpointFailure, LinkId, MailId, MailKind, MailOwner, Role,
    ServiceTokenId, SessionId, UserId, WebhookDeliveryId, WebhookId,
};

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Type on the wire.
    pub subject: &'static str,
    /// Name in the code.
    pub name: &'static str,
    /// When it happens.
    pub doc: &'static str,
    /// The members of its `data`.
    pub fields: Vec<Field>,
}

/// A member of the `data` of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Its JSON form.
    pub form: WireForm,
}

/// The JSON form of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireForm {
    /// A UUID as text.
    Uuid,
    /// A whole number.
    Integer,
    /// One of these words. More may be added.
    Word(Vec<&'static str>),
    /// Null, or what it wraps.
    Nullable(Box<Self>),
    /// A list of what it wraps.
    List(Box<Self>),
}

/// A type of members of events.
pub(super) trait Wire {
    /// Its JSON form.
    fn form() -> WireForm;

    /// The account that the event happened to, if this member names it.
    fn account(&self) -> Option<UserId> {
        None
    }
}

impl Wire for UserId {
    fn form() -> WireForm {
        WireForm::Uuid
    }

    fn account(&self) -> Option<UserId> {
        Some(*self)
    }
}

impl Wire for MailOwner {
    fn form() -> WireForm {
        Option::<UserId>::form()
    }

    fn account(&self) -> Option<UserId> {
        self.0
    }
}

impl<T: Wire> Wire for Option<T> {
    fn form() -> WireForm {
        WireForm::Nullable(Box::new(T::form()))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn form() -> WireForm {
        WireForm::List(Box::new(T::form()))
    }
}

macro_rules! wire {
    ($($type:ty)+ => $form:expr) => {
        $(impl Wire for $type {
            fn form() -> WireForm {
                $form
            }
        })+
    };
}

wire!(ActorId MailId LinkId SessionId AvatarUploadId WebhookId WebhookDeliveryId ServiceTokenId =>
    WireForm::Uuid);
wire!(i64 i32 => WireForm::Integer);
wire!(Role EndReason EndpointFailure MailKind =>
    WireForm::Word(Self::ALL.iter().map(|word| word.as_str()).collect()));

/// The meaning of each member, the same in all events. A member without one does not compile.
#[expect(non_upper_case_globals, reason = "each is named like its member")]
pub(super) mod fields {
    pub(in super::super) const user_id: &str = "The account it happened to.";
    pub(in super::super) const version: &str = "The version of the account after the event. It never decreases, so the event with the \
         greater version is the later one.";
    pub(in super::super) const actor_id: &str = "The account of the administrator, or the service token, that acted; null for the owner of the \
         account and the command line.";
    pub(in super::super) const mail_id: &str = "The email about it, in the email ledger.";
    pub(in super::super) const kind: &str = "The kind of email.";
    pub(in super::super) const mail_ids: &str =
        "The emails about it, in the email ledger, one per address.";
    pub(in super::super) const notice_id: &str = "The notice to the owner of the account.";
    pub(in super::super) const link_id: &str =
        "The link in the email. The id alone is not enough to use the link.";
    pub(in super::super) const session_id: &str = "The session.";
    pub(in super::super) const upload_id: &str = "The uploaded avatar.";
    pub(in super::super) const role: &str = "The new role.";
    pub(in super::super) const reason: &str =
        "Why the session ended, or why the webhook was disabled.";
    pub(in super::super) const webhook_id: &str = "The webhook.";
    pub(in super::super) const service_token_id: &str = "The service token.";
    pub(in super::super) const delivery_id: &str = "The delivery to repeat.";
    pub(in super::super) const round: &str =
        "Number of times it was requested, including the first.";
}
