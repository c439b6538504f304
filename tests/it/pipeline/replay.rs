//! Repeating the jobs of earlier events.

use keyward_tests::World;

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// What `keyward-worker replay` prints.
async fn replay(world: &World, args: &[&str]) -> String {
    let args = [&["replay"], args].concat();
    let (is_ok, output) = world.keyward_worker(&args).await.unwrap();
    assert!(is_ok, "{output}");
    output
}

async fn jobs(world: &World, queue: &str) -> usize {
    world.jobs(queue).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_repeats_jobs_but_sends_no_email() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;

    let output = replay(&world, &["--from", LONG_AGO]).await;

    assert_eq!(output, "         1 cache-invalidation jobs repeated\n");
    assert_eq!(world.ended("cache-invalidation").await, ["Done", "Done"]);
    assert_eq!(jobs(&world, "verification-email").await, 1);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn email_is_resent_only_on_request_and_unchanged() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
    let first = world.nth_mail(&ada.email, "changed", 1).await;
    world.settle().await;

    let only = ["--from", LONG_AGO, "--only", "password-changed-email"];
    let output = replay(&world, &only).await;

    assert_eq!(output, "         1 password-changed-email jobs repeated\n");
    let again = world.nth_mail(&ada.email, "changed", 2).await;
    assert_eq!(first.message_id, again.message_id);
    world.settle().await;
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 4, "no other email is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn email_with_a_used_link_is_not_resent() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;

    let output = replay(&world, &["--from", LONG_AGO, "--only", "verification-email"]).await;

    assert_eq!(output, "there is nothing to repeat\n");
    assert_eq!(world.ended("verification-email").await, ["Done"]);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1);
    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_and_earlier_events_change_nothing() {
    let world = World::new().await;
    world.account("ada").await;
    world.settle().await;

    let output = replay(&world, &["--from", LONG_AGO, "--dry-run"]).await;
    assert_eq!(output, "         1 cache-invalidation jobs would be repeated\n");
    let output = replay(&world, &["--from", "2100-01-01T00:00:00Z"]).await;
    assert_eq!(output, "there is nothing to repeat\n");

    assert_eq!(jobs(&world, "cache-invalidation").await, 1);
}
