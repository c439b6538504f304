//! The language of an account, and of its emails.

use keyward_stack::mail_sink::{Behaviour, Mail};
use keyward_tests::{Options, World, registration};
use reqwest::Method;
use serde_json::{Value, json};

const ME: &str = "/v1/users/me";

/// Registers an address with members and headers, and returns the email.
async fn mail_after(world: &World, email: &str, more: Value, accept: &str) -> std::sync::Arc<Mail> {
    let mut body = registration(email);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = world.request(Method::POST, "/v1/users").header("accept-language", accept);
    world.send(request.json(&body)).await.expect(202);
    world.nth_mail(email, "", 1).await
}

fn header<'a>(mail: &'a Mail, name: &str) -> &'a str {
    let found = mail.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_chooses_the_language_of_the_account() {
    let world = World::with(Options::default().set("DEFAULT_LOCALE", "fr")).await;
    let mut nth = 0;
    for (more, accept, language) in [
        (json!({"locale": "de-AT"}), "ja", "de"),
        (json!({"locale": "pt-PT"}), "ja", "pt-BR"),
        (json!({"locale": "zh-Hant"}), "ja", "fr"),
        (json!({"locale": null}), "xx, uk;q=0.5, en;q=0.1", "uk"),
        (json!({}), "he-IL,he;q=0.9", "he"),
        (json!({}), "xx", "fr"),
        (json!({}), "", "fr"),
    ] {
        nth += 1;
        let email = format!("person-{nth}@example.org");

        let mail = mail_after(&world, &email, more, accept).await;

        assert_eq!(header(&mail, "content-language"), language, "{accept}");
        assert!(mail.html.contains(&format!("<html lang=\"{language}\" ")), "{}", mail.html);
        let query = "select locale from users where email = $1";
        let stored: String =
            sqlx::query_scalar(query).bind(&email).fetch_one(&world.db).await.unwrap();
        assert_eq!(stored, language);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn subject_and_text_are_in_the_language() {
    let world = World::new().await;

    let mail = mail_after(&world, "ada@example.org", json!({"locale": "ja"}), "").await;

    assert_eq!(mail.subject, "Keyward のメールアドレスを確認してください");
    assert!(header(&mail, "subject").is_ascii(), "RFC 2047: {}", header(&mail, "subject"));
    assert!(mail.text.contains("Zoe 様"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_language_is_rejected() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    for bad in ["", "d", "de_DE", "deutsch, bitte", "*", "de\u{0}", &"de-".repeat(30)] {
        let mut body = registration("bob@example.org");
        body["locale"] = json!(bad);
        world.post("/v1/users", body).await.expect_invalid("/locale");
        world.patch_as(&token, ME, json!({"locale": bad})).await.expect_invalid("/locale");
    }
    assert_eq!(world.count("users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_changes_the_language() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    let before = world.me(&token).await.json();
    assert_eq!(before["locale"], "en");

    let reply = world.patch_as(&token, ME, json!({"locale": "PT"})).await.expect(200);

    let mut expected = before.clone();
    expected["locale"] = json!("pt-BR");
    expected["version"] = json!(before["version"].as_i64().unwrap() + 1);
    assert_eq!(reply.json(), expected);
    assert_eq!(world.me(&token).await.json(), expected, "the cache has the new language");
    world.request_reset(&ada.email).await.expect(202);
    world.nth_mail(&ada.email, "Redefina sua senha de Keyward", 1).await;
    assert_eq!(world.settle().await.last().unwrap(), "user.password_reset_requested");
    let event = world.envelopes("user.profile_changed").await.remove(0);
    assert!(!event.to_string().contains("pt-BR"), "events carry no personal data");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_speaks_the_language_the_email_was_planned_in() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    world.patch_as(&token, ME, json!({"locale": "de"})).await.expect(200);
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.request_reset(&ada.email).await.expect(202);
    world.postponed("password-reset-email").await;

    world.patch_as(&token, ME, json!({"locale": "it"})).await.expect(200);
    world.retry_now().await;

    world.nth_mail(&ada.email, "Setzen Sie Ihr Passwort", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn language_that_is_no_longer_shipped_is_replaced() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.sql("update users set locale = 'tlh'").await;

    world.request_reset(&ada.email).await.expect(202);

    world.nth_mail(&ada.email, "Reset your Keyward password", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn former_address_is_informed_in_the_language_of_the_account() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    world.patch_as(&token, ME, json!({"locale": "pl"})).await.expect(200);

    world.request_email_change(&token, &ada, "byron@example.org").await.expect(202);
    world.nth_mail(&ada.email, "ma zostać zmieniony", 1).await;
    world.nth_mail("byron@example.org", "Potwierdź swój nowy adres e-mail", 1).await;
    let confirm = world.link_token("byron@example.org", "/confirm-email").await;
    world.post("/v1/email-changes/confirm", json!({"token": confirm})).await.expect(204);
    world.nth_mail(&ada.email, "został zmieniony", 1).await;
    world.delete_account(&token, &ada.with_email("byron@example.org")).await.expect(204);

    world.nth_mail(&ada.email, "które miało ten adres, zostało usunięte", 1).await;
    world.nth_mail("byron@example.org", "zostało usunięte", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_and_its_acceptance_have_languages_of_their_own() {
    let world = World::with(Options::default().set("DEFAULT_LOCALE", "es")).await;
    let root = world.administrator("root").await;
    let grace = "grace@example.org";
    let invite = async |email: &str, locale: Value| {
        let body = json!({"email": email, "role": "user", "locale": locale});
        world.post_json_as(&root, "/v1/invitations", body).await
    };

    invite("bob@example.org", json!(null)).await.expect(202);
    invite("bob@example.org", json!("de_DE")).await.expect_invalid("/locale");
    invite(grace, json!("uk")).await.expect(202);

    world.nth_mail("bob@example.org", "Tienes una invitación", 1).await;
    world.nth_mail(grace, "Вас запрошено до Keyward", 1).await;
    let token = world.link_token(grace, "/accept-invitation").await;
    let mut body = json!({"token": token, "password": "a passphrase of their own",
                          "display_name": "Grace", "locale": "fr-CA"});
    let accepted = world.post("/v1/invitations/accept", body.clone()).await.expect(201).json();
    assert_eq!(accepted["locale"], "fr");
    let token = world.link_token("bob@example.org", "/accept-invitation").await;
    body["token"] = json!(token);
    body.as_object_mut().unwrap().remove("locale");
    let request = world.request(Method::POST, "/v1/invitations/accept");
    let request = request.header("accept-language", "ja-JP, en;q=0.5");
    let accepted = world.send(request.json(&body)).await.expect(201).json();
    assert_eq!(accepted["locale"], "ja");
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_account_takes_the_language_of_its_newest_registration() {
    let world = World::new().await;
    let email = "ada@example.org";
    mail_after(&world, email, json!({"locale": "he"}), "").await;
    let other = json!({"locale": "de", "password": "another battery staple"});

    let mail = mail_after(&world, email, other, "").await;

    assert_eq!(header(&mail, "content-language"), "he");
    let mail = world.nth_mail(email, "Bestätigen Sie", 1).await;
    assert!(mail.text.starts_with("Guten Tag,\r\n"), "no name is certain: {}", mail.text);
}
