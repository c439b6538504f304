//! The webhooks of email providers.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use keyward_tests::{Options, Proxy, Reply, Traffic, World, bounces::mailgun};
use serde_json::{Value, json};

const MAILGUN_KEY: &str = "key-0123456789abcdef";

struct Providers {
    world: World,
    sendgrid: EcdsaKeyPair,
}

impl Providers {
    async fn new() -> Self {
        let sendgrid = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der: PublicKeyX509Der<'_> = sendgrid.public_key().as_der().unwrap();
        let options = Options::default()
            .set("SENDGRID_WEBHOOK_KEY", STANDARD.encode(der.as_ref()))
            .set("MAILGUN_WEBHOOK_KEY", MAILGUN_KEY);
        Self { world: World::with(options).await, sendgrid }
    }

    fn now(&self) -> String {
        self.world.clock.now().timestamp().to_string()
    }

    /// Sends events as SendGrid does, signed at this time.
    async fn sendgrid(&self, url: &str, events: &Value, at: &str) -> Reply {
        let body = events.to_string();
        let signed = format!("{at}{body}");
        let signature = self.sendgrid.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let path = "/v1/mail-reports/sendgrid";
        let request = self.world.request_at(url, reqwest::Method::POST, path);
        let request = request
            .header("content-type", "application/json")
            .header("x-twilio-email-event-webhook-timestamp", at)
            .header("x-twilio-email-event-webhook-signature", STANDARD.encode(signature));
        self.world.send(request.body(body)).await
    }

    /// Sends an event as Mailgun does, signed with a key.
    async fn mailgun(&self, event: Value, key: &str) -> Reply {
        self.mailgun_at(&self.world.url, event, key).await
    }

    async fn mailgun_at(&self, url: &str, event: Value, key: &str) -> Reply {
        let body = mailgun(key, &self.now(), &event);
        let path = "/v1/mail-reports/mailgun";
        let request = self.world.request_at(url, reqwest::Method::POST, path);
        self.world.send(request.json(&body)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sendgrid_reports_bounces_and_complaints() {
    let providers = Providers::new().await;
    let world = &providers.world;
    world.account("ada").await;
    let mail = world.mail_in("verification", "accepted").await;
    let sent = world.nth_mail("ada@example.org", "Confirm", 1).await;
    let arguments = json!({"unique_args": {"keyward_mail": mail.mail_id}}).to_string();
    assert_eq!(sent.header("X-SMTPAPI"), Some(arguments.as_str()));
    let at = providers.now();
    let bounce = json!([
        {"event": "delivered", "smtp-id": format!("<{}@keyward.example>", mail.mail_id)},
        {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 unknown",
         "smtp-id": format!("<{}@keyward.example>", mail.mail_id)},
        {"event": "bounce", "type": "bounce", "status": "5.1.1", "smtp-id": "<x@other.example>"},
    ]);

    let reply = providers.sendgrid(&world.url, &bounce, &at).await.expect(200);

    assert_eq!(reply.json(), json!({"status": "recorded"}));
    let bounced = world.mail_in("verification", "bounced").await;
    assert_eq!(bounced.reply.unwrap(), "5.1.1 550 unknown");
    assert_eq!(world.count("suppressions").await, 1);
    let complaint = json!([{"event": "spamreport", "keyward_mail": mail.mail_id}]);
    for _ in 0..2 {
        providers.sendgrid(&world.url, &complaint, &at).await.expect(200);
    }
    world.mail_in("verification", "complained").await;
    assert_eq!(world.envelopes("mail.complained").await.len(), 1, "a replay changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn mailgun_reports_bounces_and_complaints() {
    let providers = Providers::new().await;
    let world = &providers.world;
    world.account("ada").await;
    let mail = world.mail_in("verification", "accepted").await;
    let message = json!({"headers": {"message-id": format!("{}@keyward.example", mail.mail_id)}});
    let failed = json!({"event": "failed", "severity": "permanent", "message": message,
                        "delivery-status": {"code": 550, "message": "no ada@example.org"}});

    providers
        .mailgun(failed.clone(), "key-another-0123456")
        .await
        .expect_problem(403, "signature_invalid");
    world.mail_in("verification", "accepted").await;
    providers.mailgun(failed, MAILGUN_KEY).await.expect(200);

    let bounced = world.mail_in("verification", "bounced").await;
    assert_eq!(bounced.reply.unwrap(), "550 no [address]");
    let complained = json!({"event": "complained", "message": message});
    providers.mailgun(complained, MAILGUN_KEY).await.expect(200);
    world.mail_in("verification", "complained").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_late_and_unconfigured_reports_change_nothing() {
    let providers = Providers::new().await;
    let world = &providers.world;
    world.account("ada").await;
    let mail = world.mail_in("verification", "accepted").await;
    let events = json!([{"event": "spamreport", "keyward_mail": mail.mail_id}]);
    let late = (world.clock.now().timestamp() - 900).to_string();

    let reply = providers.sendgrid(&world.url, &events, &late).await;
    reply.expect_problem(403, "signature_invalid");
    for body in [json!({}), json!([]), json!({"signature": 1}), json!("x"), json!(null)] {
        for provider in ["sendgrid", "mailgun"] {
            let path = format!("/v1/mail-reports/{provider}");
            let reply = world.post(&path, body.clone()).await;
            reply.expect_problem(403, "signature_invalid");
        }
    }
    let plain = World::with(Options::default().without_worker()).await;
    for provider in ["sendgrid", "mailgun"] {
        let path = format!("/v1/mail-reports/{provider}");
        plain.post(&path, events.clone()).await.expect_problem(404, "provider_not_found");
    }

    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_repeats_a_report_while_postgres_is_unavailable() {
    let mut providers = Providers::new().await;
    providers.world.account("ada").await;
    let mail = providers.world.mail_in("verification", "accepted").await;
    let events = json!([{"event": "spamreport", "keyward_mail": mail.mail_id}]);
    let database = providers.world.settings()["DATABASE_URL"].clone();
    let proxy = Proxy::to_server(&database).await;
    let setting = [("DATABASE_URL", &*proxy.url(&database))];
    let url = providers.world.another_api_with(&setting).await;
    let at = providers.now();

    let message = json!({"headers": {"message-id": format!("{}@keyward.example", mail.mail_id)}});
    let complained = json!({"event": "complained", "message": message});
    let there = providers.world.url.clone();
    proxy.set(Traffic::Cut);
    for url in [&url, &there] {
        let (status, code) = if *url == there { (500, "defect") } else { (503, "unavailable") };
        if status == 500 {
            providers.world.sql("alter table mails rename to lost").await;
        }
        providers.sendgrid(url, &events, &at).await.expect_problem(status, code);
        providers
            .mailgun_at(url, complained.clone(), MAILGUN_KEY)
            .await
            .expect_problem(status, code);
    }
    providers.world.sql("alter table lost rename to mails").await;

    providers.sendgrid(&there, &events, &at).await.expect(200);
    providers.world.mail_in("verification", "complained").await;
}
