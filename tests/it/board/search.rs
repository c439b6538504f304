use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, until};

use super::{KIND, ids, plant};

#[tokio::test(flavor = "multi_thread")]
async fn job_is_found_by_any_related_id() {
    let world = World::with_operations().await;
    let ada = world.register("ada").await;
    let bob = world.register("bob").await;
    world.settle().await;
    let [wanted, other] = ids(&world, KIND).await.try_into().unwrap();
    let user = world.user_id(&ada.email).await.to_string();
    let envelope = world.envelopes("user.registered").await.remove(0);
    assert_eq!(envelope["data"]["user_id"], user.as_str());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mail = text(&envelope["data"]["mail_id"]);

    for (what, id) in [
        ("user", user),
        ("event", text(&envelope["event_id"])),
        ("request", text(&envelope["trace"]["request_id"])),
        ("trace", text(&envelope["trace"]["traceparent"])[3..35].to_owned()),
        ("traceparent", text(&envelope["trace"]["traceparent"])),
        ("message", format!("%3C{mail}@keyward.example%3E")),
        ("mail", mail),
        ("job", wanted.clone()),
    ] {
        let page = world.look(&format!("/jobs?q={id}")).await.expect(200).text;
        assert!(page.contains(&format!("/jobs/{wanted}")), "found by the id of its {what}: {page}");
        assert!(!page.contains(&other), "found by the id of its {what}");
    }
    assert!(!world.look("/jobs?state=completed").await.text.contains(&bob.email));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_found_by_error_text_queue_and_state() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "550 5.1.1 No Such Mailbox", 1).await;
    plant(&world, "invitation-email", "dead", "554 5.7.1 blocked", 1).await;
    plant(&world, "invitation-email", "scheduled", "451 no such luck", 1).await;
    let shown = async |query: &str| {
        let page = world.look(&format!("/jobs?{query}")).await.expect(200).text;
        let errors = ["550 5.1.1", "554 5.7.1", "451 no such"];
        errors.map(|error| page.contains(&format!("error\">{error}")))
    };

    let dead_first = async || (shown("").await == [true, true, false]).then_some(());
    until("the snapshot has them: dead jobs come first", dead_first).await;
    assert_eq!(shown("state=dead").await, [true, true, false]);
    assert_eq!(shown("q=no+such&state=dead").await, [true, false, false]);
    assert_eq!(shown("q=no+such&state=scheduled").await, [false, false, true]);
    assert_eq!(shown("queue=invitation-email&state=dead").await, [false, true, false]);
    assert_eq!(shown("queue=email&state=dead").await, [true, true, false]);
    assert_eq!(shown("queue=cache-invalidation&state=dead").await, [false; 3]);
    assert_eq!(shown("q=nothing&state=dead").await, [false; 3]);
    for bad in ["queue=nothing", "state=nothing", "state=discarded"] {
        world.look(&format!("/jobs?{bad}")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_without_a_match_suggests_other_states() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "554 5.7.1 blocked", 1).await;
    plant(&world, KIND, "scheduled", "451 later", 1).await;

    let unsaid = world.look("/jobs?q=451").await.expect(200).text;
    assert!(unsaid.contains("error\">451 later"), "the only state that has it: {unsaid}");
    let empty = world.look("/jobs?q=blocked&state=available").await.expect(200).text;
    assert!(!empty.contains("error\">554"));
    assert!(empty.contains("state=dead&#38;q=blocked\">Some dead jobs have."), "{empty}");
    let nowhere = world.look("/jobs?q=nothing&state=available").await.expect(200).text;
    assert!(!nowhere.contains("Some dead"));
}

#[tokio::test(flavor = "multi_thread")]
async fn error_is_found_among_thousands_in_order() {
    let world = World::with_operations().await;
    plant(&world, "invitation-email", "dead", "550 rare, second", 1).await;
    plant(&world, KIND, "dead", "550 rare, first", 1).await;
    for (words, hours) in [("second", 2), ("first", 1)] {
        let earlier = format!(
            "update apalis.jobs set done_at = now() - interval '{hours} hours'
             where metadata -> 'last_error' like '%{words}'"
        );
        world.sql(&earlier).await;
    }
    plant(&world, KIND, "dead", "connection refused", 1_100).await;
    plant(&world, "invitation-email", "completed", "550 rare, but done at last", 1).await;

    let rare = world.look("/jobs?state=dead&q=RARE").await.expect(200).text;
    let frequent = world.look("/jobs?state=dead&q=refused").await.expect(200).text;
    let done = world.look("/jobs?state=completed&q=rare").await.expect(200).text;

    let (first, second) = (rare.find("rare, first"), rare.find("rare, second"));
    assert!(first.is_some() && first < second, "{rare}");
    assert!(!rare.contains("connection refused") && !rare.contains("but done at last"), "{rare}");
    assert_eq!(frequent.matches("error\">connection refused").count(), 50);
    assert!(frequent.contains("Next page"));
    assert!(done.contains("Completed jobs have no error"), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_list_every_job_once() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "x", 70).await;
    plant(&world, "invitation-email", "dead", "x", 50).await;
    // Many jobs with the same time, as after an outage.
    let mut seen = Vec::new();
    let mut next = Some("/jobs?state=dead".to_owned());
    let mut pages = 0;
    while let Some(path) = next {
        let page = world.look(&path).await.expect(200).text;
        seen.extend(
            page.split("<th scope=\"row\"><a href=\"/jobs/")
                .skip(1)
                .map(|row| row[..26].to_owned()),
        );
        let link = page.split("<a class=\"button second\" href=\"").nth(1);
        next = link.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
        pages += 1;
    }

    assert_eq!((pages, seen.len()), (3, 120));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_error_text_is_escaped() {
    let world = World::with_operations().await;
    let hostile = "550 <script>alert(1)</script>\" onmouseover=\"x' {{ 7*7 }} &amp;";
    world.mail.behave(Behaviour::reply(hostile));
    world.register("ada").await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    let id = ids(&world, KIND).await.remove(0);
    let user = world.user_id("ada@example.org").await;

    for path in [
        "/".to_owned(),
        "/jobs?state=dead".into(),
        format!("/jobs/{id}"),
        format!("/trace?q={user}"),
        "/jobs?state=dead&q=%3Cscript%3Ealert(1)%3C/script%3E%22'".into(),
        "/trace?q=%3Cscript%3Ealert(1)%3C/script%3E%22'".into(),
        "/?did=%3Cscript%3E&n=1".into(),
    ] {
        let page = world.look(&path).await.expect(200).text;
        assert!(!page.contains("<script>alert"), "{path}: {page}");
        assert!(!page.contains("\" onmouseover=\""), "{path}: {page}");
    }
    let page = world.look(&format!("/jobs/{id}")).await.text;
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
}
