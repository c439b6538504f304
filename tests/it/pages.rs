//! Statuses of the pages. The browser journeys test their appearance and use.

use keyward_tests::{Reply, World, registration};
use reqwest::Method;

const NEW: &str = "a better passphrase";

async fn send(world: &World, page: &str, form: &[(&str, &str)]) -> Reply {
    let reply = world.send(world.request(Method::POST, page).form(form)).await;
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{}", reply.text);
    assert!(reply.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!(reply.header("cache-control"), "no-store");
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_form_keeps_its_input_except_the_password() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    let weak = send(&world, "/reset-password", &[("token", &token), ("password", "abc")]).await;
    let ask = [("action", "send"), ("email", "ada example.org")];
    let asked = send(&world, "/verify-email", &ask).await;

    let weak = weak.expect(422).text;
    assert!(weak.contains("A password has at least 15 characters.") && weak.contains(&token));
    assert!(!weak.contains("\"abc\""), "{weak}");
    assert!(asked.expect(422).text.contains("value=\"ada example.org\""));
    let good = [("token", token.as_str()), ("password", NEW)];
    send(&world, "/reset-password", &good).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_link_is_explained_in_plain_words() {
    let world = World::new().await;

    for page in ["/verify-email", "/reset-password"] {
        for token in ["made-up", "<script>alert(1)</script>"] {
            let form = [("token", token), ("password", NEW)];
            let reply = send(&world, page, &form).await.expect(400);
            assert!(reply.text.contains("This link no longer works"), "{page}");
            assert!(!reply.text.contains("<script>"), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_without_a_link_asks_for_address_and_code() {
    let world = World::new().await;

    for page in
        ["/verify-email", "/reset-password", "/confirm-email", "/undo-email", "/accept-invitation"]
    {
        let text = world.get(page).await.expect(200).text;
        for part in [
            "autocomplete=\"username\"",
            "autocomplete=\"one-time-code\"",
            "autocapitalize=\"characters\"",
            "spellcheck=\"false\"",
        ] {
            assert!(text.contains(part), "{page}: {part}");
        }
        let blank = send(&world, page, &[("token", ""), ("email", ""), ("code", "")]).await;
        let blank = blank.expect(422).text;
        assert!(blank.contains("An email address is needed."), "{page}: {blank}");
        assert!(blank.contains("The code from the email is needed."), "{page}: {blank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_used_with_its_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let code = world.reset_code(&ada.email).await;
    let enter = async |code: &str, password: &str| {
        let form =
            [("token", ""), ("email", ada.email.as_str()), ("code", code), ("password", password)];
        send(&world, "/reset-password", &form).await
    };

    let malformed = enter("WDJB", NEW).await.expect(422).text;
    let wrong = enter("BBBB-BBBB", NEW).await.expect(400).text;
    let weak = enter(&code, "abc").await.expect(422).text;
    let done = enter(&code.to_lowercase(), NEW).await.expect(200).text;

    assert!(malformed.contains("A code has eight letters like WDJB-MJHT"), "{malformed}");
    assert!(wrong.contains("do not belong together") && wrong.contains(&ada.email), "{wrong}");
    assert!(!wrong.contains("This link no longer works"), "{wrong}");
    assert!(weak.contains("A password has at least 15 characters.") && weak.contains(&code));
    assert!(done.contains("Your new password is set"), "{done}");
    world.log_in(&ada.with_password(NEW)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn link_pasted_as_a_code_works() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    for around in [|link: String| link, |link: String| format!(" <{}>. ", link.replace('#', "%23"))]
    {
        let token = world.reset_token(&ada.email).await;
        let link = around(format!("{}/reset-password#{token}", world.url));
        let form = [("token", ""), ("email", ""), ("code", link.as_str()), ("password", NEW)];
        send(&world, "/reset-password", &form).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn competing_registrations_are_explained_and_ask_for_a_password() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    let first = world.get("/verify-email").await.expect(200).text;
    world.post("/v1/users", registration(&ada.email)).await.expect(202);
    let confirm = async |password: Option<&str>| {
        let password = password.map(|password| ("password", password));
        let form: Vec<_> = [("token", token.as_str())].into_iter().chain(password).collect();
        send(&world, "/verify-email", &form).await
    };

    let asked = [confirm(None).await, confirm(Some("")).await];
    let weak = confirm(Some("abc")).await.expect(422).text;

    assert!(!first.contains("name=\"password\""), "{first}");
    for asked in asked {
        let page = asked.expect(422).text;
        assert!(page.contains("autocomplete=\"new-password\"") && page.contains(&token), "{page}");
        assert!(page.contains("registered more than once") && !page.contains("That did not work"));
        assert!(!page.contains("<title>Error"), "{page}");
    }
    assert!(weak.contains("A password has at least 15 characters.") && weak.contains(&token));
    assert!(weak.contains("autocomplete=\"new-password\""), "{weak}");
    let done = confirm(Some(NEW)).await.expect(200).text;
    assert!(done.contains("Your email address is confirmed"), "{done}");
    world.log_in(&ada.with_password(NEW)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unavailable_page_says_when_to_retry() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let unavailable = "create function unavailable() returns trigger language plpgsql as
                $$ begin raise 'shutting down' using errcode = '57P01'; end $$";
    world.sql(unavailable).await;
    for table in ["links", "outbox"] {
        let trigger = format!(
            "create trigger unavailable before insert or update on {table} execute function unavailable()"
        );
        world.sql(&trigger).await;
    }

    let form = [("token", token.as_str()), ("password", NEW)];
    let reply = send(&world, "/reset-password", &form).await.expect(503);
    let asked = send(&world, "/reset-password", &[("action", "send"), ("email", &ada.email)]).await;

    assert!(reply.text.contains("try again in a minute") && reply.text.contains(&token));
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(asked.expect(503).text.contains(&ada.email));
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_error_page_does_not_reveal_the_cause() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.sql("alter table links rename to lost").await;

    let form = [("token", token.as_str()), ("password", NEW)];
    let reply = send(&world, "/reset-password", &form).await.expect(500);

    assert!(reply.text.contains("That did not work") && !reply.text.contains("relation"));
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_form_is_rejected() {
    let world = World::new().await;
    let post = |kind: &str, body: String| {
        let request = world.request(Method::POST, "/verify-email").header("content-type", kind);
        world.send(request.body(body))
    };
    let form = "application/x-www-form-urlencoded";

    post(form, format!("token={}", "x".repeat(70_000))).await.expect_problem(413, "too_large");
    post("application/x-www-form-urlencoded; charset=UTF-8", "token=x".into()).await.expect(400);
}
