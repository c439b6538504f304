//! Guessing short codes, from one network and from many.

use keyward_tests::{Options, Reply, World};

use super::Kind;

const WRONG: &str = "BBBB-BBBB";
const HOME: &str = "203.0.113.7";

/// An address in the `nth` network of an attacker who has many networks.
fn network(nth: usize) -> String {
    format!("198.51.{}.{}", nth / 200, nth % 200)
}

async fn guess(world: &World, from: &str, email: &str, code: &str) -> Reply {
    world.post_from(from, Kind::Reset.path(), Kind::Reset.body_with_code(email, code)).await
}

async fn tries(world: &World) -> i64 {
    let sql = "select code_tries::bigint from links where purpose = 'reset_password'
               order by link_id desc limit 1";
    sqlx::query_scalar(sql).fetch_one(&world.db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_networks_are_judged_five_times() {
    let world = World::with(Options::burst().with_limits()).await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let email = &link.account.email;

    let from: Vec<String> = (0..200).map(network).collect();
    for burst in from.chunks(50) {
        let guesses = burst.iter().map(|from| guess(&world, from, email, WRONG));
        for reply in futures_util::future::join_all(guesses).await {
            reply.expect_problem(400, "link_invalid");
        }
    }

    assert_eq!(tries(&world).await, 5);
    let right = guess(&world, HOME, email, &link.code(&world)).await;
    right.expect_problem(400, "link_invalid");
    let next = Kind::Reset.again(&world, &link.account).await;
    let code = world.code_of(&next).unwrap();
    guess(&world, HOME, email, &code).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn stranger_who_uses_up_a_code_does_not_kill_the_link() {
    let world = World::with(Options::default().with_limits()).await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    for nth in 0..30 {
        guess(&world, &network(nth), &link.account.email, WRONG).await.expect(400);
    }

    link.works(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_of_a_network_are_limited_for_any_address() {
    let world = World::with(Options::default().with_limits()).await;
    let ada = Kind::Reset.mailed(&world, "ada").await;

    for (email, stranger) in [(ada.account.email.as_str(), 1), ("unknown@example.org", 2)] {
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(guess(&world, &network(stranger), email, WRONG).await.status.as_u16());
        }
        assert_eq!(statuses, [vec![400; 10], vec![429; 2]].concat(), "{email}");
        let last = guess(&world, &network(stranger), email, WRONG).await;
        let last = last.expect_problem(429, "throttled");
        let wait = last.header("retry-after");
        assert_eq!(last.header("ratelimit"), format!(r#""code-address";r=0;t={wait}"#));
    }

    let token = Kind::Reset.again(&world, &ada.account).await;
    let code = world.code_of(&token).unwrap();
    guess(&world, HOME, &ada.account.email, &code).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_of_a_network_are_limited_over_all_addresses() {
    let world = World::with(Options::default().with_limits().set("LIMIT_CODE", "20/3600")).await;

    for nth in 0..20 {
        let email = format!("unknown{nth}@example.org");
        guess(&world, HOME, &email, WRONG).await.expect(400);
    }

    let last = guess(&world, HOME, "another@example.org", WRONG).await;
    let last = last.expect_problem(429, "throttled");
    assert!(last.header("ratelimit").starts_with("\"code\""), "{}", last.header("ratelimit"));
    guess(&world, "203.0.113.8", "another@example.org", WRONG).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_codes_are_not_limited() {
    let options = Options::default().with_limits().set("LIMIT_CODE_ADDRESS", "2/3600");
    let world = World::with(options).await;
    let ada = world.account("ada").await;

    for _ in 0..4 {
        let code = world.reset_code(&ada.email).await;
        guess(&world, HOME, &ada.email, &code).await.expect(204);
    }
}
