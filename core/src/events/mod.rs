//! THE catalogue of events.
//!
//! A line has the subject (wire contract), the type and its fields. Events carry ids and the version of
//! the account after the change; never a token, a password, an address or a name. A job reads the rest
//! from Postgres, so a deleted account leaves no personal data in the stream. Events are also the audit
//! log (OWASP ASVS 5.0, 16.3.1 and 16.3.3).
//!
//! The documentation of each event is published: `docs/integrate/event-catalogue.md` and
//! `docs/integrate/asyncapi.json` are generated from [`Event::catalogue`].

mod entry;
mod filter;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ActorId, AvatarUploadId, EndReason, EndpointFailure, EventId, LinkId, MailId, MailKind,
        MailOwner, Role, ServiceTokenId, SessionId, UserId, WebhookDeliveryId, WebhookId,
    },
    origin::Trace,
};
pub use entry::{CatalogueEntry, Field, WireForm};
use entry::{Wire, fields};
pub use filter::EventFilter;

macro_rules! catalogue {
    ($($(#[doc = $doc:literal])* $subject:literal => $name:ident { $($field:ident: $type:ty),* $(,)? })+) => {
        /// An event.
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
            /// All subjects.
            pub const SUBJECTS: &'static [&'static str] = &[$($subject),+];

            /// The catalogue as data, from which the documentation is generated.
            #[must_use]
            pub fn catalogue() -> Vec<CatalogueEntry> {
                vec![$(CatalogueEntry {
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

            /// The type on the wire; on NATS the subject is `<namespace>.events.<subject>`.
            #[must_use]
            pub const fn subject(&self) -> &'static str {
                match self { $(Self::$name { .. } => $subject),+ }
            }

            /// The account it happened to.
            #[must_use]
            pub fn user_id(&self) -> Option<UserId> {
                match self {
                    $(Self::$name { $($field),* } => [$($field.account()),*].into_iter().flatten().next(),)+
                }
            }
        }
    };
}

impl Event {
    /// A number for what this release can read: another release has the same one if its catalogue has
    /// the same types, members and words.
    #[must_use]
    pub fn catalogue_hash() -> i64 {
        let mut text = String::new();
        for entry in Self::catalogue() {
            text.push_str(entry.subject);
            for Field { name, form, .. } in entry.fields {
                text.push_str(&format!(" {name} {form:?}"));
            }
        }
        // FNV-1a: unlike the hashes of the standard library, the same in every release.
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash.cast_signed()
    }
}

catalogue! {
    /// An account was registered. Its address is not confirmed yet; `mail_id` is the confirmation
    /// email.
    "user.registered" => UserRegistered { user_id: UserId, version: i64, mail_id: MailId }
    /// A registration named the address of a confirmed account; `mail_id` is the notice to its owner.
    "user.registration_repeated" => RegistrationRepeated { user_id: UserId, version: i64, mail_id: MailId }
    /// Another verification link was requested, or an unconfirmed account was registered
    /// again.
    "user.verification_requested" => VerificationRequested { user_id: UserId, version: i64, mail_id: MailId }
    /// The owner followed the link in the verification email.
    "user.email_verified" => EmailVerified { user_id: UserId, version: i64 }
    /// The display name changed.
    "user.profile_changed" => ProfileChanged { user_id: UserId, version: i64 }
    /// A password reset link was requested.
    "user.password_reset_requested" => PasswordResetRequested { user_id: UserId, version: i64, mail_id: MailId }
    /// The password changed; `mail_id` is the notice to the owner.
    "user.password_changed" => PasswordChanged { user_id: UserId, version: i64, mail_id: MailId }
    /// An address change was requested; `mail_id` is the confirmation email to the new address (not
    /// sent if the address is taken), `notice_id` the notice to the current one.
    "user.email_change_requested" => EmailChangeRequested { user_id: UserId, version: i64, mail_id: MailId, notice_id: MailId }
    /// The address changed; `mail_id` is the notice to the old address.
    "user.email_changed" => EmailChanged { user_id: UserId, version: i64, mail_id: MailId }
    /// The owner of the old address undid an address change; `mail_id` is the email with a password
    /// reset link.
    "user.email_change_undone" => EmailChangeUndone { user_id: UserId, version: i64, mail_id: MailId }
    /// The account and everything that belonged to it were deleted. `actor_id` is the administrator
    /// who deleted it; null if it was the owner. `mail_ids` are the notices, one per address of the
    /// account.
    "user.deleted" => UserDeleted { user_id: UserId, version: i64, actor_id: Option<ActorId>, mail_ids: Vec<MailId> }
    /// The role of the account changed.
    "user.role_changed" => RoleChanged { user_id: UserId, version: i64, actor_id: Option<ActorId>, role: Role }
    /// An administrator disabled the account: its sessions and links are invalid.
    "user.disabled" => UserDisabled { user_id: UserId, version: i64, actor_id: Option<ActorId> }
    /// An administrator enabled the account again.
    "user.enabled" => UserEnabled { user_id: UserId, version: i64, actor_id: Option<ActorId> }
    /// An administrator invalidated the password; `mail_id` is the email with a password reset link.
    "user.password_reset_forced" => PasswordResetForced { user_id: UserId, version: i64, actor_id: Option<ActorId>, mail_id: MailId }
    /// An administrator ended every session of the account; each session has an event of its own.
    "user.sessions_ended" => UserSessionsEnded { user_id: UserId, version: i64, actor_id: Option<ActorId> }
    /// An administrator invited a person; `mail_id` is the email with the link (not sent if the
    /// address has an account).
    "user.invited" => UserInvited { link_id: LinkId, actor_id: Option<ActorId>, role: Role, mail_id: MailId }
    /// An administrator revoked an invitation; its link is invalid.
    "user.invitation_revoked" => InvitationRevoked { link_id: LinkId, actor_id: Option<ActorId> }
    /// The invited person created the account; the link confirmed its address.
    "user.invitation_accepted" => InvitationAccepted { user_id: UserId, version: i64, link_id: LinkId, role: Role }
    /// An administrator uploaded an avatar for the account. It is not shown yet.
    "avatar.uploaded" => AvatarUploaded { user_id: UserId, version: i64, upload_id: AvatarUploadId, actor_id: Option<ActorId> }
    /// The account shows the uploaded avatar.
    "avatar.changed" => AvatarChanged { user_id: UserId, version: i64, upload_id: AvatarUploadId, actor_id: Option<ActorId> }
    /// The account shows its default avatar again.
    "avatar.removed" => AvatarRemoved { user_id: UserId, version: i64, actor_id: Option<ActorId> }
    /// A link was requested for an address without an account that can use it. No email is
    /// sent.
    "link.request_ignored" => LinkRequestIgnored { link_id: LinkId }
    /// A user logged in.
    "session.started" => SessionStarted { user_id: UserId, version: i64, session_id: SessionId }
    /// A session ended: its tokens are invalid.
    "session.ended" => SessionEnded { user_id: UserId, version: i64, session_id: SessionId, reason: EndReason }
    /// A replaced refresh token was used again, which ended its session; `mail_id` is the notice to
    /// the owner.
    "session.reuse_detected" => ReuseDetected { user_id: UserId, version: i64, session_id: SessionId, mail_id: MailId }
    /// A mail server reported that an email was not delivered. `user_id` is null if it did not go to
    /// an account.
    "mail.bounced" => MailBounced { user_id: MailOwner, mail_id: MailId, kind: MailKind }
    /// A recipient reported an email as unwanted. `user_id` is null if it did not go to an account.
    "mail.complained" => MailComplained { user_id: MailOwner, mail_id: MailId, kind: MailKind }
    /// An administrator had an email sent again. Its mailbox is no longer suppressed.
    "mail.resend_requested" => MailResendRequested { user_id: UserId, mail_id: MailId, kind: MailKind, actor_id: Option<ActorId> }
    /// An administrator created a webhook.
    "webhook.created" => WebhookCreated { webhook_id: WebhookId, actor_id: Option<ActorId> }
    /// An administrator changed the URL, the event types or the state of a webhook.
    "webhook.changed" => WebhookChanged { webhook_id: WebhookId, actor_id: Option<ActorId> }
    /// An administrator rotated the secret of a webhook; the old one also signs for a day.
    "webhook.secret_rotated" => WebhookSecretRotated { webhook_id: WebhookId, actor_id: Option<ActorId> }
    /// An administrator deleted a webhook and its list of deliveries.
    "webhook.deleted" => WebhookDeleted { webhook_id: WebhookId, actor_id: Option<ActorId> }
    /// Keyward disabled a webhook whose endpoint is gone or has failed for days. Webhooks do not
    /// deliver this event, because a delivery caused it.
    "webhook.disabled" => WebhookDisabled { webhook_id: WebhookId, reason: EndpointFailure }
    /// An administrator tested a webhook. Delivered only to this webhook, regardless of its event
    /// types.
    "webhook.ping" => WebhookPing { webhook_id: WebhookId, actor_id: Option<ActorId> }
    /// An administrator requested a redelivery. Webhooks do not deliver this event.
    "webhook.redelivery_requested" => WebhookRedeliveryRequested { webhook_id: WebhookId, delivery_id: WebhookDeliveryId, round: i32, actor_id: Option<ActorId> }
    /// An administrator created a service token.
    "service_token.created" => ServiceTokenCreated { service_token_id: ServiceTokenId, actor_id: Option<ActorId> }
    /// An administrator rotated the secret of a service token.
    "service_token.rotated" => ServiceTokenRotated { service_token_id: ServiceTokenId, actor_id: Option<ActorId> }
    /// An administrator revoked a service token; it is refused from now on.
    "service_token.revoked" => ServiceTokenRevoked { service_token_id: ServiceTokenId, actor_id: Option<ActorId> }
}

/// An event with its id, time and origin: the wire format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Sortable by time (UUIDv7). Sent as `Nats-Msg-Id`; consumers deduplicate by it.
    pub event_id: EventId,
    /// Beginning of the transaction that emitted it.
    pub occurred_at: DateTime<Utc>,
    /// The request that caused it.
    pub trace: Trace,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}
