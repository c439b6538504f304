use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stored};
use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

const QUEUE: &str = "verification-email";
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn verification_email_has_a_link() {
    let world = World::new().await;
    let ada = world.register("ada").await;

    let mail = world.nth_mail(&ada.email, "Confirm your email address", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    let token = the_token(&world, &mail, "/verify-email");
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn name_is_escaped_and_omitted_if_it_could_become_a_link() {
    let world = World::new().await;
    let names = [
        ("markup", r#"<b onload=x> & "Ada""#),
        ("template", "{{ mail.link }}"),
        ("link", "Click evil.example now"),
    ];

    for (local, name) in names {
        let email = format!("{local}@example.org");
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": name});
        world.post("/v1/users", body).await.expect(202);
    }

    let markup = world.nth_mail("markup@example.org", "Confirm", 1).await;
    assert!(!markup.html.contains("<b onload"), "{}", markup.html);
    assert!(markup.html.contains("&#60;b onload=x&#62; &#38; &#34;Ada&#34;"), "{}", markup.html);
    assert!(markup.text.starts_with(r#"Hello <b onload=x> & "Ada","#), "{}", markup.text);
    for local in ["template", "link"] {
        let mail = world.nth_mail(&format!("{local}@example.org"), "Confirm", 1).await;
        assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
        assert!(!mail.html.contains("evil.example") && !mail.html.contains("{{"), "{}", mail.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn email_with_a_replaced_link_is_not_sent() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;

    world.post("/v1/email-verifications", json!({"email": ada.email})).await.expect(202);
    let newer = world.nth_mail(&ada.email, "Confirm", 1).await;
    world.retry_now().await;
    world.settle().await;

    let given_up = world.mail_in("verification", "expired").await;
    assert!(given_up.reply.unwrap().contains("newer one"));
    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
    let token = the_token(&world, &newer, "/verify-email");
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn email_with_a_used_link_is_not_resent() {
    let world = World::new().await;
    world.mail.behave(Behaviour::new(Action::DropAfterDot(Stored::Yes)).times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;

    let token = world.link_token(&ada.email, "/verify-email").await;
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
    world.retry_now().await;
    world.settle().await;

    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
    assert!(world.mail_in("verification", "expired").await.reply.unwrap().contains("was used"));
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_in_the_first_half_of_its_life_keeps_the_link() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;

    world.clock.advance(11 * HOUR);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    assert!(mail.text.contains("for 13 hours: until"), "{}", mail.text);
    let token = the_token(&world, &mail, "/verify-email");
    world.clock.advance(14 * HOUR);
    world
        .post("/v1/email-verifications/confirm", json!({"token": token}))
        .await
        .expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_in_the_second_half_of_its_life_renews_the_link() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;

    world.clock.advance(13 * HOUR);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    assert!(mail.text.contains("for 24 hours: until"), "{}", mail.text);
    let token = the_token(&world, &mail, "/verify-email");
    world.clock.advance(23 * HOUR);
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}
