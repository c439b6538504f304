use keyward_tests::World;
use uuid::Uuid;

use super::run;

/// Suppresses mailboxes without an account, the latest last.
async fn suppress(world: &World, count: i32) {
    sqlx::query(
        "insert into suppressions (mailbox, reason, mail_id, suppressed_at)
         select sha256(n::text::bytea), case when n % 2 = 0 then 'bounced' else 'complained' end,
                ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, now()
         from generate_series(1, $1) as n",
    )
    .bind(count)
    .execute(&world.db)
    .await
    .unwrap();
}

fn mail_id(nth: u32) -> Uuid {
    format!("01900000-0000-7000-8000-{nth:012}").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_sees_and_lifts_a_suppression() {
    let world = World::with_operations().await;
    let ada = world.account("ada").await;
    let mail = world.mail_in("verification", "accepted").await.mail_id;
    suppress(&world, 1).await;
    sqlx::query(
        "with mail as (update mails set state = 'bounced', reply = '550 5.1.1 <b>gone</b>'
                       where mail_id = $1 returning user_id, mailbox)
         insert into suppressions select mailbox, 'bounced', $1, user_id, now() from mail",
    )
    .bind(mail)
    .execute(&world.db)
    .await
    .unwrap();

    let page = world.look_as_viewer("/suppressions").await.expect(200).text;

    assert!(page.contains("550 5.1.1 &#60;b&#62;gone"), "{page}");
    assert!(page.contains(&format!("/trace?q={}", world.user_id(&ada.email).await)), "{page}");
    assert!(!page.contains("@example.org") && !page.contains("/lift"), "{page}");
    let path = format!("/suppressions/{mail}/lift");
    let page = world.look("/suppressions").await.expect(200).text;
    assert!(page.contains(&format!("action=\"{path}\"")), "{page}");
    let page = world.act(&path, &[]).await.expect(200).text;
    assert!(page.contains("The address gets email again."), "{page}");
    assert!(!page.contains("5.1.1") && page.contains("complained"), "{page}");
    let again = world.act_request(&path, &[]).header("sec-fetch-site", "same-origin");
    let again = world.send(again).await.expect(409).text;
    assert!(again.contains("not suppressed"), "{again}");
    world.reset_token(&ada.email).await;
    let audited = format!(
        "operator_actions where action = 'unsuppress' and via = 'board' \
                           and target = 'the mailbox of email {mail}' and affected = 1"
    );
    assert_eq!(world.count(&audited).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn suppressions_are_paginated_and_listed_on_the_command_line() {
    let world = World::with_operations().await;
    let (_, empty) = run(&world, &["mail", "suppressions"]).await;
    assert!(empty.contains("no address is suppressed"), "{empty}");
    suppress(&world, 60).await;

    let first = world.look("/suppressions").await.expect(200).text;
    let earlier = format!("/suppressions?before={}", mail_id(11));
    let second = world.look(&earlier).await.expect(200).text;
    let (_, list) = run(&world, &["mail", "suppressions", "--limit", "2"]).await;

    assert!(first.contains(&mail_id(60).to_string()) && first.contains(&earlier), "{first}");
    assert!(!first.contains(&mail_id(10).to_string()), "{first}");
    assert!(second.contains(&mail_id(10).to_string()), "{second}");
    assert!(second.contains(&format!("name=\"back\" value=\"{earlier}\"")), "{second}");
    assert!(!second.contains(">Earlier<"), "{second}");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].contains(&mail_id(60).to_string()) && lines[0].contains("bounced"), "{list}");
}
