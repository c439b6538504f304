//! THE catalogue of events: everything that can have happened.
//!
//! One line is the subject (wire contract), the type and its fields. Events carry ids and the
//! version of the account they left behind; never a token, a password, an address or a name. What
//! a job needs it reads from Postgres at that moment, so a deleted account leaves nothing behind
//! in the stream. They are the audit log, too (OWASP ASVS 5.0, 16.3.1 and 16.3.3).
//!
//! The words above each line are read by people who consume events, too: `docs/events` is made
//! from [`Event::catalogue`].

mod entry;
mod filter;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        AvatarUploadId, DisableReason, EndReason, EventId, LinkId, MailId, Role, SessionId, UserId,
        WebhookDeliveryId, WebhookId,
    },
    origin::Trace,
};
pub use entry::{Entry, Field, Form};
use entry::{Wire, fields};
pub use filter::EventFilter;

macro_rules! catalogue {
    ($($(#[doc = $doc:literal])* $subject:literal => $name:ident { $($field:ident: $type:ty),* $(,)? })+) => {
        /// Something that happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data", deny_unknown_fields)]
        pub enum Event {
            $(
                $(#[doc = $doc])*
                #[serde(rename = $subject)]
                $name {
                    $(
                        #[doc = concat!("See [`", stringify!($type), "`].")]
                        $field: $type
                    ),*
                },
            )+
        }

        impl Event {
            /// Every subject there is.
            pub const SUBJECTS: &'static [&'static str] = &[$($subject),+];

            /// The catalogue as data, in its order: what documents about it are made from.
            #[must_use]
            pub fn catalogue() -> Vec<Entry> {
                vec![$(Entry {
                    subject: $subject,
                    name: stringify!($name),
                    doc: concat!($($doc),*).trim(),
                    fields: vec![$(Field {
                        name: stringify!($field),
                        doc: fields::$field,
                        form: <$type>::form(),
                    }),*],
                }),+]
            }

            /// What it is called on the wire; on NATS `<namespace>.events.<subject>`.
            #[must_use]
            pub const fn subject(&self) -> &'static str {
                match self { $(Self::$name { .. } => $subject),+ }
            }
        }
    };
}

catalogue! {
    /// An account exists. Its address is not proven yet; `mail_id` asks the owner to prove it.
    "user.registered" => UserRegistered { user_id: UserId, version: i64, mail_id: MailId }
    /// Somebody tried to register an address that has a proven account; `mail_id` tells its owner.
    "user.registration_repeated" => RegistrationRepeated { user_id: UserId, version: i64, mail_id: MailId }
    /// The link that proves the address was asked for again, or the account was registered anew
    /// before it was proven.
    "user.verification_requested" => VerificationRequested { user_id: UserId, version: i64, mail_id: MailId }
    /// The owner followed the link in the verification mail.
    "user.email_verified" => EmailVerified { user_id: UserId, version: i64 }
    /// The display name changed.
    "user.profile_changed" => ProfileChanged { user_id: UserId, version: i64 }
    /// A link to set a new password was asked for.
    "user.password_reset_requested" => PasswordResetRequested { user_id: UserId, version: i64, mail_id: MailId }
    /// The password changed; `mail_id` tells the owner.
    "user.password_changed" => PasswordChanged { user_id: UserId, version: i64, mail_id: MailId }
    /// Another address was asked for; `mail_id` asks its owner to confirm it (nobody, if the
    /// address is taken), `notice_id` tells the owner of the present one.
    "user.email_change_requested" => EmailChangeRequested { user_id: UserId, version: i64, mail_id: MailId, notice_id: MailId }
    /// The address changed; `mail_id` tells the owner of the old one.
    "user.email_changed" => EmailChanged { user_id: UserId, version: i64, mail_id: MailId }
    /// The owner of the old address took a change back; `mail_id` has the link to set a new
    /// password.
    "user.email_change_undone" => EmailChangeUndone { user_id: UserId, version: i64, mail_id: MailId }
    /// The account is gone, with everything that belonged to it. `actor_id` is the administrator
    /// who deleted it, none for its owner; `mail_ids` say goodbye to every address that could have
    /// a say in it, each one once.
    "user.deleted" => UserDeleted { user_id: UserId, version: i64, actor_id: Option<UserId>, mail_ids: Vec<MailId> }
    /// What the account may do changed.
    "user.role_changed" => RoleChanged { user_id: UserId, version: i64, actor_id: Option<UserId>, role: Role }
    /// An administrator locked the account: no session, no link of it is good any more.
    "user.disabled" => UserDisabled { user_id: UserId, version: i64, actor_id: Option<UserId> }
    /// An administrator unlocked the account.
    "user.enabled" => UserEnabled { user_id: UserId, version: i64, actor_id: Option<UserId> }
    /// An administrator made the password invalid; `mail_id` has the link to set a new one.
    "user.password_reset_forced" => PasswordResetForced { user_id: UserId, version: i64, actor_id: Option<UserId>, mail_id: MailId }
    /// An administrator ended every session; each has an event of its own besides.
    "user.sessions_ended" => UserSessionsEnded { user_id: UserId, version: i64, actor_id: Option<UserId> }
    /// An administrator invited somebody; `mail_id` has the link (nobody gets it, if the address has
    /// an account).
    "user.invited" => UserInvited { link_id: LinkId, actor_id: Option<UserId>, role: Role, mail_id: MailId }
    /// An administrator took an invitation back; its link is dead.
    "user.invitation_revoked" => InvitationRevoked { link_id: LinkId, actor_id: Option<UserId> }
    /// Whoever was invited has opened the account; its address is proven by the link.
    "user.invitation_accepted" => InvitationAccepted { user_id: UserId, version: i64, link_id: LinkId, role: Role }
    /// An administrator, `actor_id`, uploaded a picture for the account. It is not shown yet.
    "avatar.uploaded" => AvatarUploaded { user_id: UserId, version: i64, upload_id: AvatarUploadId, actor_id: Option<UserId> }
    /// The account shows the picture from now on.
    "avatar.changed" => AvatarChanged { user_id: UserId, version: i64, upload_id: AvatarUploadId, actor_id: Option<UserId> }
    /// The account shows its default picture again.
    "avatar.removed" => AvatarRemoved { user_id: UserId, version: i64, actor_id: Option<UserId> }
    /// A link was asked for where no account can use one. Nothing follows.
    "link.request_ignored" => LinkRequestIgnored { link_id: LinkId }
    /// Somebody logged in.
    "session.started" => SessionStarted { user_id: UserId, version: i64, session_id: SessionId }
    /// A session is over: its tokens are refused from now on.
    "session.ended" => SessionEnded { user_id: UserId, version: i64, session_id: SessionId, reason: EndReason }
    /// A refresh token came that had been replaced before, and ended its session; `mail_id` tells
    /// the owner.
    "session.reuse_detected" => ReuseDetected { user_id: UserId, version: i64, session_id: SessionId, mail_id: MailId }
    /// An administrator told us to send events to an endpoint.
    "webhook.created" => WebhookCreated { webhook_id: WebhookId, actor_id: Option<UserId> }
    /// An administrator changed where, what or whether we send.
    "webhook.changed" => WebhookChanged { webhook_id: WebhookId, actor_id: Option<UserId> }
    /// An administrator had a new secret made; the one before signs beside it for a day.
    "webhook.secret_rotated" => WebhookSecretRotated { webhook_id: WebhookId, actor_id: Option<UserId> }
    /// An administrator deleted an endpoint, with the list of its deliveries.
    "webhook.deleted" => WebhookDeleted { webhook_id: WebhookId, actor_id: Option<UserId> }
    /// We disabled an endpoint that wants nothing more or has failed for days. A delivery caused
    /// it, so no webhook delivers it.
    "webhook.disabled" => WebhookDisabled { webhook_id: WebhookId, reason: DisableReason }
    /// An administrator tries an endpoint. Delivered to it alone, whatever types it asks for.
    "webhook.ping" => WebhookPing { webhook_id: WebhookId, actor_id: Option<UserId> }
    /// An administrator had something delivered once more. No webhook delivers it.
    "webhook.redelivery_requested" => WebhookRedeliveryRequested { webhook_id: WebhookId, delivery_id: WebhookDeliveryId, round: i32, actor_id: Option<UserId> }
}

impl Event {
    /// The account it happened to.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::UserRegistered { user_id, .. }
            | Self::RegistrationRepeated { user_id, .. }
            | Self::VerificationRequested { user_id, .. }
            | Self::EmailVerified { user_id, .. }
            | Self::ProfileChanged { user_id, .. }
            | Self::PasswordResetRequested { user_id, .. }
            | Self::PasswordChanged { user_id, .. }
            | Self::EmailChangeRequested { user_id, .. }
            | Self::EmailChanged { user_id, .. }
            | Self::EmailChangeUndone { user_id, .. }
            | Self::UserDeleted { user_id, .. }
            | Self::RoleChanged { user_id, .. }
            | Self::UserDisabled { user_id, .. }
            | Self::UserEnabled { user_id, .. }
            | Self::PasswordResetForced { user_id, .. }
            | Self::UserSessionsEnded { user_id, .. }
            | Self::InvitationAccepted { user_id, .. }
            | Self::AvatarUploaded { user_id, .. }
            | Self::AvatarChanged { user_id, .. }
            | Self::AvatarRemoved { user_id, .. }
            | Self::SessionStarted { user_id, .. }
            | Self::SessionEnded { user_id, .. }
            | Self::ReuseDetected { user_id, .. } => Some(*user_id),
            Self::LinkRequestIgnored { .. }
            | Self::UserInvited { .. }
            | Self::InvitationRevoked { .. }
            | Self::WebhookCreated { .. }
            | Self::WebhookChanged { .. }
            | Self::WebhookSecretRotated { .. }
            | Self::WebhookDeleted { .. }
            | Self::WebhookDisabled { .. }
            | Self::WebhookPing { .. }
            | Self::WebhookRedeliveryRequested { .. } => None,
        }
    }
}

/// An event on its way: what happened, plus when, where it came from, and an identity to
/// deduplicate by. This is the wire format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Sortable by time (UUIDv7); sent as `Nats-Msg-Id`.
    pub event_id: EventId,
    /// When the transaction that made it true began.
    pub occurred_at: DateTime<Utc>,
    /// The request that set it off.
    pub trace: Trace,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}
