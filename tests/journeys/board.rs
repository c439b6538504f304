//! The operations board in a real browser: layout, and use by keyboard.

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Options, Seed, World, until};
use serde_json::json;

use crate::browser::{
    driver::{Browser, ENTER, TAB},
    layout,
};

const QUEUE: &str = "verification-email";

/// An email that was not delivered is found, explained and sent by keyboard alone.
#[tokio::test(flavor = "multi_thread")]
async fn operator_finds_and_retries_an_email_by_keyboard() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 no such mailbox"));
    let ada = world.register("ada").await;
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    let user = world.user_id(&ada.email).await.to_string();
    let browser = Browser::start().await;
    // The browser keeps the credentials and sends them from then on.
    browser.open(&world.ops_with_password()).await;
    browser.element("//*[@id='health'][contains(., 'One thing needs attention')]").await;
    browser.element("//a[.='verification-email: 1 dead job.']").await;

    press_tab_until(&browser, "the search field", "document.activeElement.id === 'find'").await;
    browser.press_key(&user).await;
    browser.press_key(ENTER).await;
    browser.element("//td[contains(., '550 5.1.1 no such mailbox')]").await;
    browser.element("//td[contains(., 'failed, not retried')]").await;
    layout::check_layout(&browser, "board-trace-failed").await;

    world.mail.behave(Behaviour::accept());
    let is_retry = "document.activeElement.textContent.trim() === 'Retry'";
    press_tab_until(&browser, "the button that retries", is_retry).await;
    browser.press_key(ENTER).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.mail_in("verification", "accepted").await;
    // The page updates itself.
    browser.element("//td[contains(., 'accepted by the relay')]").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}

/// Presses Tab until a condition is true; the focus is visible all the time.
async fn press_tab_until(browser: &Browser, what: &str, is_so: &str) {
    for _ in 0..120 {
        browser.press_key(TAB).await;
        let seen = "const style = getComputedStyle(document.activeElement);
                    return document.activeElement === document.body
                        || style.outlineStyle !== 'none' || style.outlineWidth !== '0px'";
        assert_eq!(browser.run(seen).await, json!(true), "the focus is visible");
        if browser.run(&format!("return {is_so}")).await == json!(true) {
            return;
        }
    }
    panic!("Tab does not lead to {what}");
}

/// On each page one key skips the header, and Tab reaches every control.
#[tokio::test(flavor = "multi_thread")]
async fn tab_reaches_every_control_on_every_page() {
    let mut world = World::with(Options::operated().without_worker()).await;
    world.seed(Seed { completed: 4, available: 2, scheduled: 2, dead: 2 }).await;
    plant_unreadable(&world).await;
    world.start_worker().await;
    let browser = Browser::start().await;
    browser.open(&world.ops_with_password()).await;
    let job: String =
        sqlx::query_scalar("select id from apalis.jobs where status = 'Killed' limit 1")
            .fetch_one(&world.db)
            .await
            .unwrap();

    for path in [
        "/jobs?state=dead",
        &format!("/jobs/{job}"),
        "/jobs/all?action=retry&state=dead",
        "/trace?q=019a0000-0000-7000-8000-000000000004",
        "/unreadable",
        "/audit",
    ] {
        browser.open(&format!("{}{path}", world.ops)).await;
        let controls = "const all = [...document.querySelectorAll(
                            'a[href], button, input:not([type=hidden]), select, summary, [tabindex=\"0\"]')]
                            .filter((one) => one.checkVisibility({ contentVisibilityAuto: true }));";
        let number = browser.run(&format!("{controls} return all.length")).await.as_i64().unwrap();
        for nth in 0..number {
            browser.press_key(TAB).await;
            let is_seen = "const one = document.activeElement, style = getComputedStyle(one);
                           one.dataset.reached = 'yes';
                           const { top, bottom } = one.getBoundingClientRect();
                           return style.outlineStyle !== 'none' && bottom > 0 && top < innerHeight";
            assert_eq!(browser.run(is_seen).await, json!(true), "{path}, number {nth}");
        }
        let missed = "return all.filter((one) => !one.dataset.reached).map((one) => one.outerHTML)";
        assert_eq!(browser.run(&format!("{controls} {missed}")).await, json!([]), "{path}");

        browser.open(&format!("{}{path}", world.ops)).await;
        browser.press_key(TAB).await;
        let skips = "return document.activeElement.getAttribute('href')";
        assert_eq!(browser.run(skips).await, json!("#main"), "{path}");
        browser.press_key(ENTER).await;
        browser.press_key(TAB).await;
        let is_within = "return document.activeElement.closest('main') !== null";
        let is_within = async || (browser.run(is_within).await == json!(true)).then_some(());
        if path != "/audit" {
            until("the focus is after the header", is_within).await;
        }
    }
}

async fn plant_unreadable(world: &World) {
    world
        .sql(
            "insert into dead_letters (dead_letter_id, subject, payload, reason, received_at)
             select ('0fff0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user.registered',
                    'no event', 'expected value at line 1', now()
             from generate_series(1, 2) as n",
        )
        .await;
}

/// The overview updates itself without a reload, and keeps the focus.
#[tokio::test(flavor = "multi_thread")]
async fn overview_updates_itself_and_keeps_the_focus() {
    let world = World::with_operations().await;
    let browser = Browser::start().await;
    browser.open(&world.ops_with_password()).await;
    browser.element("//*[@id='health'][contains(., 'All is well')]").await;
    browser.run("document.getElementById('act-invitation-email').focus()").await;

    world.mail.behave(Behaviour::reply("550 5.1.1 no such mailbox"));
    world.register("ada").await;

    browser.element("//*[@id='health'][contains(., 'One thing needs attention')]").await;
    browser.element("//a[.='verification-email: 1 dead job.']").await;
    let focused = browser.run("return document.activeElement.id").await;
    assert_eq!(focused, json!("act-invitation-email"));
    assert_eq!(browser.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_with_empty_and_full_queues() {
    for (name, seed) in [
        ("none", Seed::default()),
        ("few", Seed { completed: 4, available: 2, scheduled: 2, dead: 2 }),
        ("many", Seed { completed: 95_000, available: 3_000, scheduled: 1_200, dead: 800 }),
    ] {
        let mut world = World::with(Options::operated().without_worker()).await;
        if seed.completed > 0 {
            world.seed(seed).await;
        }
        if seed.dead == 2 {
            plant_unreadable(&world).await;
        }
        world.start_worker().await;
        let known = async || world.look("/").await.text.contains("alive").then_some(());
        until("there is a snapshot", known).await;
        let browser = Browser::start().await;
        browser.open(&world.ops_with_password()).await;
        let job: Option<String> = sqlx::query_scalar(
            "select id from apalis.jobs where metadata -> 'kind' = 'verification-email' and status = 'Killed'
             order by id limit 1",
        )
        .fetch_optional(&world.db)
        .await
        .unwrap();
        let mut pages = vec![
            ("overview", "/".to_owned()),
            ("jobs", "/jobs?state=dead".into()),
            ("trace", "/trace?q=019a0000-0000-7000-8000-000000000004".into()),
            ("confirm", "/jobs/all?action=discard&state=scheduled".into()),
            ("audit", "/audit".into()),
            ("unreadable", "/unreadable".into()),
        ];
        pages.extend(job.map(|id| ("job", format!("/jobs/{id}"))));
        for (page, path) in pages {
            browser.open(&format!("{}{path}", world.ops)).await;
            layout::check_layout(&browser, &format!("board-{page}-{name}")).await;
        }
        assert_eq!(browser.console_errors().await, [""; 0]);
    }
}
