use std::collections::BTreeSet;

use chrono::DateTime;
use keyward_core::{
    domain::{
        ActorId, AvatarUploadId, EndReason, EndpointFailure, EventId, LinkId, MailId, MailKind,
        MailOwner, Role, ServiceTokenId, SessionId, UserId, WebhookDeliveryId, WebhookId,
    },
    events::{Envelope, Event},
    origin::Trace,
};
use serde_json::Value;
use uuid::Uuid;

const USER: UserId = UserId(Uuid::from_u128(1));
const MAIL: MailId = MailId(Uuid::from_u128(2));
const LINK: LinkId = LinkId(Uuid::from_u128(3));
const UPLOAD: AvatarUploadId = AvatarUploadId(Uuid::from_u128(5));
const SESSION: SessionId = SessionId(Uuid::from_u128(4));
const WEBHOOK: WebhookId = WebhookId(Uuid::from_u128(6));
const DELIVERY: WebhookDeliveryId = WebhookDeliveryId(Uuid::from_u128(7));
const ACTOR: ActorId = ActorId(Uuid::from_u128(5));
const SERVICE_TOKEN: ServiceTokenId = ServiceTokenId(Uuid::from_u128(8));

/// One event of each type.
fn samples() -> Vec<Event> {
    let (user_id, mail_id, link_id, session_id, version) = (USER, MAIL, LINK, SESSION, 7);
    let actor_id = Some(ACTOR);
    let ended = |reason| Event::SessionEnded { user_id, version, session_id, reason };
    let mut samples = vec![
        Event::UserRegistered { user_id, version, mail_id },
        Event::RegistrationRepeated { user_id, version, mail_id },
        Event::VerificationRequested { user_id, version, mail_id },
        Event::EmailVerified { user_id, version },
        Event::ProfileChanged { user_id, version },
        Event::PasswordResetRequested { user_id, version, mail_id },
        Event::PasswordChanged { user_id, version, mail_id },
        Event::EmailChangeRequested { user_id, version, mail_id, notice_id: mail_id },
        Event::EmailChanged { user_id, version, mail_id },
        Event::EmailChangeUndone { user_id, version, mail_id },
        Event::UserDeleted { user_id, version, actor_id: None, mail_ids: vec![mail_id] },
        Event::UserDeleted { user_id, version, actor_id: Some(USER.into()), mail_ids: vec![] },
        Event::RoleChanged { user_id, version, actor_id: None, role: Role::Admin },
        Event::UserDisabled { user_id, version, actor_id },
        Event::UserEnabled { user_id, version, actor_id },
        Event::PasswordResetForced { user_id, version, actor_id, mail_id },
        Event::UserSessionsEnded { user_id, version, actor_id },
        Event::UserInvited { link_id, actor_id, role: Role::User, mail_id },
        Event::InvitationRevoked { link_id, actor_id },
        Event::InvitationAccepted { user_id, version, link_id, role: Role::User },
        Event::AvatarUploaded { user_id, version, upload_id: UPLOAD, actor_id: Some(USER.into()) },
        Event::AvatarChanged { user_id, version, upload_id: UPLOAD, actor_id: None },
        Event::AvatarRemoved { user_id, version, actor_id: Some(USER.into()) },
        Event::LinkRequestIgnored { link_id },
        Event::SessionStarted { user_id, version, session_id },
    ];
    samples.push(Event::ReuseDetected { user_id, version, session_id, mail_id });
    let kind = MailKind::Verification;
    samples.extend([
        Event::MailBounced { user_id: MailOwner(Some(USER)), mail_id, kind },
        Event::MailComplained { user_id: MailOwner(None), mail_id, kind: MailKind::Invitation },
        Event::MailResendRequested { user_id, mail_id, kind, actor_id },
    ]);
    samples.extend(of_webhooks());
    let (service_token_id, actor_id) = (SERVICE_TOKEN, Some(ACTOR));
    samples.extend([
        Event::ServiceTokenCreated { service_token_id, actor_id },
        Event::ServiceTokenRotated { service_token_id, actor_id },
        Event::ServiceTokenRevoked { service_token_id, actor_id: None },
    ]);
    samples.extend(EndReason::ALL.iter().map(|reason| ended(*reason)));
    samples
}

fn of_webhooks() -> Vec<Event> {
    let (webhook_id, delivery_id, actor_id) = (WEBHOOK, DELIVERY, Some(ACTOR));
    let disabled = |reason| Event::WebhookDisabled { webhook_id, reason };
    let mut samples = vec![
        Event::WebhookCreated { webhook_id, actor_id },
        Event::WebhookChanged { webhook_id, actor_id },
        Event::WebhookSecretRotated { webhook_id, actor_id },
        Event::WebhookDeleted { webhook_id, actor_id: None },
        Event::WebhookPing { webhook_id, actor_id },
        Event::WebhookRedeliveryRequested { webhook_id, delivery_id, round: 2, actor_id },
    ];
    samples.extend(EndpointFailure::ALL.iter().map(|reason| disabled(*reason)));
    samples
}

fn on_the_wire(event: Event) -> String {
    let envelope = Envelope {
        event_id: EventId(Uuid::from_u128(9)),
        occurred_at: DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap(),
        trace: Trace {
            request_id: "req-1".into(),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
            tracestate: String::new(),
        },
        event,
    };
    serde_json::to_string(&envelope).unwrap()
}

/// Frozen: stored and published messages have this form. Add event types, never change one.
#[test]
fn the_form_of_every_event_is_frozen() {
    let lines: Vec<String> = samples().into_iter().map(on_the_wire).collect();

    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn every_event_of_the_catalogue_has_a_sample() {
    let sampled: BTreeSet<&str> = samples().iter().map(Event::subject).collect();
    let catalogue: BTreeSet<&str> = Event::SUBJECTS.iter().copied().collect();

    assert_eq!(sampled, catalogue, "add the new event to the samples above");
    assert_eq!(Event::SUBJECTS.len(), catalogue.len(), "subjects are unique");
}

#[test]
fn events_survive_a_round_trip() {
    for event in samples() {
        let text = on_the_wire(event.clone());

        let envelope: Envelope = serde_json::from_str(&text).unwrap();

        assert_eq!(envelope.event, event);
        let data: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(data["type"], event.subject());
    }
}

#[test]
fn an_unknown_event_is_an_error() {
    let known = on_the_wire(Event::EmailVerified { user_id: USER, version: 7 });

    for unknown in [
        known.replace("user.email_verified", "user.promoted"),
        known.replace("\"version\":7", "\"version\":\"7\""),
        known.replace("\"version\":7", "\"version\":7,\"role\":\"admin\""),
        known.replace(",\"version\":7", ""),
    ] {
        assert_ne!(unknown, known);
        assert!(serde_json::from_str::<Envelope>(&unknown).is_err(), "{unknown}");
    }
}

#[test]
fn events_carry_no_personal_data() {
    let allowed = [
        "user_id",
        "actor_id",
        "mail_id",
        "mail_ids",
        "notice_id",
        "link_id",
        "session_id",
        "version",
        "reason",
        "role",
        "upload_id",
        "webhook_id",
        "delivery_id",
        "round",
        "kind",
        "service_token_id",
    ];

    for event in samples() {
        let envelope: Value = serde_json::from_str(&on_the_wire(event)).unwrap();
        for member in envelope["data"].as_object().unwrap().keys() {
            assert!(allowed.contains(&member.as_str()), "{member} in {envelope}");
        }
    }
}
