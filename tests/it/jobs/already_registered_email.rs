use keyward_tests::World;
use serde_json::json;

use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn owner_is_notified_at_the_stored_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let attacker = json!({
        "email": "ADA@Example.ORG", "password": "not the owner at all", "display_name": "Mallory",
    });

    world.post("/v1/users", attacker).await.expect(202);

    let mail = world.nth_mail(&ada.email, "You already have a Keyward account", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    assert_eq!(mail.envelope_to, ["ada@example.org"]);
    assert!(!mail.html.contains("Mallory") && !mail.text.contains("Mallory"));
    assert!(!mail.html.contains('#') || !mail.html.contains("/reset-password#"), "no token in it");
}
