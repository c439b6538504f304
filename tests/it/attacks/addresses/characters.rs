//! Characters of addresses and names: invisible and deceptive ones are refused by name, what people paste
//! along is removed, and what a script needs is kept.

use keyward_tests::{Options, World, registration};
use serde_json::json;

/// Invisible characters, and how a refusal names them.
const INVISIBLE: [(char, &str); 9] = [
    ('\u{3164}', "U+3164 (Hangul)"),
    ('\u{115f}', "U+115F (Hangul)"),
    ('\u{2800}', "U+2800 (Braille)"),
    ('\u{34f}', "U+034F"),
    ('\u{fe0f}', "U+FE0F"),
    ('\u{200b}', "U+200B"),
    ('\u{200d}', "U+200D"),
    ('\u{e0061}', "U+E0061"),
    ('\u{1d173}', "U+1D173"),
];

#[tokio::test(flavor = "multi_thread")]
async fn invisible_characters_are_rejected_by_name() {
    let world = World::new().await;
    let (_, access) = world.logged_in("ada").await;

    for (c, name) in INVISIBLE {
        let detail = format!("contains {name}, which is invisible");
        let flaw =
            |pointer| json!({"pointer": pointer, "code": "forbidden_character", "detail": detail});
        let mut body = registration(&format!("a{c}da@example.org"));
        body["display_name"] = json!(format!("a{c}da"));
        let reply = world.post("/v1/users", body).await.expect_problem(422, "invalid");
        assert_eq!(reply.json()["errors"], json!([flaw("/email"), flaw("/display_name")]));
        let reply = world.rename(&access, &format!("Ada{c}b")).await.expect_problem(422, "invalid");
        assert_eq!(reply.json()["errors"], json!([flaw("/display_name")]));
    }
    for blank in ["\u{3164}", "\u{2800}\u{2800}", "\u{115f}\u{1160}"] {
        world.rename(&access, blank).await.expect_invalid("/display_name");
    }

    assert_eq!(world.count("users where display_name = 'ada'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_characters_are_removed_at_both_ends() {
    let world = World::with(Options::default().without_worker()).await;

    for (nth, (start, end)) in [
        ("\u{feff}", ""),
        ("\u{202a}", "\u{202c}"),
        ("\u{202b}", "\u{202c}\r\n"),
        ("\u{202d}", "\u{202e}"),
        ("\u{2066}", "\u{2069}"),
        ("\u{200e}", "\u{200f}"),
        ("\u{a0}\u{3000}", "\u{2003}\u{200b}"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("{start}ada{nth}@example.org{end}");
        let body = json!({
            "email": email, "password": "correct horse battery",
            "display_name": format!("{start} Ada {nth}{end}"),
        });
        world.post("/v1/users", body).await.expect(202);

        let stored =
            format!("users where email = 'ada{nth}@example.org' and display_name = 'Ada {nth}'");
        assert_eq!(world.count(&stored).await, 1, "{email:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_keep_what_their_script_needs() {
    let world = World::new().await;
    let (_, access) = world.logged_in("ada").await;

    for (typed, stored) in [
        ("\u{5d3}\u{5d5}\u{5d3}\u{200f}", "\u{5d3}\u{5d5}\u{5d3}"),
        ("\u{5d3}\u{200f}\u{5d5}\u{5d3} (Dod)\u{200e}", "\u{5d3}\u{5d5}\u{5d3} (Dod)"),
        ("\u{e19}\u{e49}\u{e33}", "\u{e19}\u{e49}\u{e33}"),
        (
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
        ),
        (
            "\u{d30}\u{d3e}\u{d1c}\u{d28}\u{d4d}\u{200d}",
            "\u{d30}\u{d3e}\u{d1c}\u{d28}\u{d4d}\u{200d}",
        ),
        (
            "Ada \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "Ada \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ),
        (
            "Ada \u{1f469}\u{200d}\u{1f4bb}\u{2764}\u{fe0f}",
            "Ada \u{1f469}\u{200d}\u{1f4bb}\u{2764}\u{fe0f}",
        ),
        ("\u{8fbb}\u{e0100}", "\u{8fbb}\u{e0100}"),
        ("\u{421}\u{430}\u{440}\u{430} (Sara)", "\u{421}\u{430}\u{440}\u{430} (Sara)"),
    ] {
        let reply = world.rename(&access, typed).await.expect(200);
        assert_eq!(reply.json()["display_name"], stored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn confusable_names_do_not_impersonate() {
    let world = World::new().await;
    let (_, access) = world.logged_in("ada").await;

    for (name, character) in [
        ("\u{410}dmin", "U+0410 (Cyrillic)"),
        ("Support \u{422}eam", "U+0422 (Cyrillic)"),
        ("\u{391}da", "U+0391 (Greek)"),
        ("Ad\u{13aa}", "U+13AA (Cherokee)"),
        ("Ada\u{202e}nimda", "U+202E"),
        ("Ada\u{301}\u{301}", "U+0301"),
    ] {
        let reply = world.rename(&access, name).await.expect_problem(422, "invalid");
        let detail = reply.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(character), "{name:?}: {detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn look_alike_of_a_taken_address_is_no_second_account() {
    let world = World::with(Options::default().without_worker()).await;

    for (spellings, accounts) in [
        (&["stra\u{df}e@example.org", "STRASSE@example.org"][..], 1),
        (&["\u{131}da@example.org", "IDA@example.org", "\u{130}da@example.org"], 1),
        (
            &[
                "\u{39f}\u{394}\u{39f}\u{3a3}@example.org",
                "\u{3bf}\u{3b4}\u{3bf}\u{3c2}@example.org",
                "\u{3bf}\u{3b4}\u{3bf}\u{3c3}@example.org",
            ],
            1,
        ),
        (&["\u{13a0}\u{13a1}@example.org", "\u{ab70}\u{ab71}@example.org"], 1),
        (
            &[
                "\u{441}\u{43e}\u{441}\u{430}@example.org",
                "coca@example.org",
                "\u{3f2}oca@example.org",
            ],
            1,
        ),
        (&["\u{e19}\u{e49}\u{e33}@example.org", "\u{e19}\u{e49}\u{e4d}\u{e32}@example.org"], 1),
        (&["\u{646}\u{6cc}\u{200c}\u{645}@example.org", "\u{646}\u{6cc}\u{645}@example.org"], 1),
        (
            &[
                "ada@\u{ff45}xample.org",
                "ada@example.org",
                "\u{ff41}da@example.org",
                "\u{430}da@example.org",
            ],
            1,
        ),
        (&["ada@ab--cd.example.org", "ada@ab-cd.example.org"], 2),
    ] {
        let before = world.count("users").await;
        for email in spellings {
            let reply = world.post("/v1/users", registration(email)).await;
            assert!([202, 422].contains(&reply.status.as_u16()), "{email:?}: {}", reply.text);
        }
        assert_eq!(world.count("users").await - before, accounts, "{spellings:?}");
    }
}
