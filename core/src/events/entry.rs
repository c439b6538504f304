//! The catalogue as data.

use crate::domain::{
    AvatarUploadId, DisableReason, EndReason, LinkId, MailId, Role, SessionId, UserId,
    WebhookDeliveryId, WebhookId,
};

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is called on the wire.
    pub subject: &'static str,
    /// What it is called in the code.
    pub name: &'static str,
    /// When it happens, in words.
    pub doc: &'static str,
    /// The members of its `data`.
    pub fields: Vec<Field>,
}

/// A member of the `data` of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// What it looks like.
    pub form: Form,
}

/// What a member looks like in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A UUID as text.
    Uuid,
    /// A whole number.
    Integer,
    /// One of these words. More may be added.
    Word(Vec<&'static str>),
    /// Null, or what it wraps.
    Nullable(Box<Self>),
    /// Any number of what it wraps.
    List(Box<Self>),
}

/// A type that an event may have a member of.
pub(super) trait Wire {
    /// What it looks like.
    fn form() -> Form;
}

impl<T: Wire> Wire for Option<T> {
    fn form() -> Form {
        Form::Nullable(Box::new(T::form()))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn form() -> Form {
        Form::List(Box::new(T::form()))
    }
}

macro_rules! wire {
    ($($type:ty)+ => $form:expr) => {
        $(impl Wire for $type {
            fn form() -> Form {
                $form
            }
        })+
    };
}

wire!(UserId MailId LinkId SessionId AvatarUploadId WebhookId WebhookDeliveryId => Form::Uuid);
wire!(i64 i32 => Form::Integer);
wire!(Role => Form::Word(Self::ALL.iter().map(|word| word.as_str()).collect()));
wire!(EndReason => Form::Word(Self::ALL.iter().map(|word| word.as_str()).collect()));
wire!(DisableReason => Form::Word(Self::ALL.iter().map(|word| word.as_str()).collect()));

/// What a member means, whichever event has it: a name has one meaning. An event with a member
/// that has no words here does not compile.
#[expect(non_upper_case_globals, reason = "each is named like its member")]
pub(super) mod fields {
    pub(in super::super) const user_id: &str = "The account it happened to.";
    pub(in super::super) const version: &str = "The version of the account when it had happened. It never falls, so the event with the \
         greater one is the later one.";
    pub(in super::super) const actor_id: &str = "The administrator who did it; null if it was the owner of the account, or the command \
         line of the server.";
    pub(in super::super) const mail_id: &str =
        "The mail that tells somebody about it, in the ledger of mails; null if there is none.";
    pub(in super::super) const mail_ids: &str =
        "The mails that tell somebody about it, in the ledger of mails; each has another address.";
    pub(in super::super) const notice_id: &str = "The mail that tells the owner of the account.";
    pub(in super::super) const link_id: &str =
        "The link in the mail; nobody can follow it who knows only this.";
    pub(in super::super) const session_id: &str = "The session.";
    pub(in super::super) const upload_id: &str = "The uploaded picture.";
    pub(in super::super) const role: &str = "What the account may do from then on.";
    pub(in super::super) const reason: &str = "Why, in a word.";
    pub(in super::super) const webhook_id: &str = "The endpoint.";
    pub(in super::super) const delivery_id: &str = "What is delivered once more.";
    pub(in super::super) const round: &str = "How often it was asked for, the first time included.";
}
