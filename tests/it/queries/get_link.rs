use keyward_tests::{Options, Reply, World};
use reqwest::Method;

/// Looks at a link, as the page of an invitation offers it.
async fn show(world: &World, page: &str, token: &str) -> Reply {
    let form = [("action", "show"), ("token", token)];
    world.send(world.request(Method::POST, page).form(&form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_says_who_invites_for_which_address_and_role() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let version = world.rename(&root, "Root <b>Ada</b>").await;
    version.expect(200);
    let token = world.invite(&root, "grace@example.org", "admin").await;

    let page = show(&world, "/accept-invitation", &token).await.expect(200).text;

    assert!(
        page.contains("<dt>Invited by</dt><dd><bdi>Root &lt;b&gt;Ada&lt;/b&gt;</bdi></dd>"),
        "{page}"
    );
    assert!(page.contains("<dd>Administrator: manages all accounts</dd>"), "{page}");
    let username = "value=\"grace@example.org\" readonly autocomplete=\"username\"";
    assert!(page.contains(username) && page.contains(&token), "{page}");
    world.accept(&token).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_link_uses_and_changes_nothing() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let reset = world.reset_token(&ada.email).await;
    let confirm = world.link_token("byron@example.org", "/confirm-email").await;
    let before = world.count("outbox").await;

    for _ in 0..3 {
        let page = show(&world, "/reset-password", &reset).await.expect(200).text;
        assert!(page.contains("value=\"ada@example.org\" readonly"), "{page}");
        show(&world, "/confirm-email", &confirm).await.expect(200);
    }

    assert_eq!(world.count("links where used_at is not null").await, 1, "that of the registration");
    assert_eq!(world.count("outbox").await, before);
    world.me(&access).await.expect(200);
    world.confirm_reset(&reset, "a better passphrase").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_links_of_every_kind_get_one_answer() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let (ada, daniel) = (world.account("ada").await, world.account("daniel").await);
    let used = world.reset_token(&ada.email).await;
    world.confirm_reset(&used, "a better passphrase").await.expect(204);
    let replaced = world.reset_token(&ada.email).await;
    let open = world.reset_token(&ada.email).await;
    let disabled = world.reset_token(&daniel.email).await;
    world.disable(&daniel).await;
    let invitation = world.invite(&root, "grace@example.org", "user").await;
    let withdrawn = world.invite(&root, "alan@example.org", "user").await;
    world.sql("delete from invitations where email_key = 'alan@example.org'").await;

    let unknown = show(&world, "/reset-password", "made-up").await.expect(400).text;
    assert!(unknown.contains("This link no longer works"), "{unknown}");
    for token in [&used, &replaced, &disabled, &invitation, &format!("{open}A")] {
        let reply = show(&world, "/reset-password", token).await.expect(400);
        assert_eq!(reply.text, unknown);
    }
    show(&world, "/accept-invitation", &withdrawn).await.expect(400);
    show(&world, "/reset-password", &open).await.expect(200);

    world.sql("update users set role = 'user'").await;
    show(&world, "/accept-invitation", &invitation).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_links_is_limited() {
    let world = World::with(Options::default().with_limits().set("LIMIT_LINK_USE", "3/60")).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    for _ in 0..5 {
        show(&world, "/reset-password", &token).await.expect(200);
    }
    for _ in 0..3 {
        show(&world, "/reset-password", "made-up").await.expect(400);
    }
    show(&world, "/reset-password", &token).await.expect(429);
}
