use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn check(typed: &str) -> Result<(), &'static str> {
    let policy = PasswordPolicy::new(15, "Acme".into(), Blocklist::read(&b""[..]).unwrap());
    let password = Password::parse(typed).map_err(|flaw| flaw.code)?;
    let validated = policy.validate(password, &["ada.lovelace@example.org", "Ada Lovelace"]);
    validated.map(drop).map_err(|flaw| flaw.code)
}

#[test]
fn length_is_counted_in_composed_code_points() {
    assert_eq!(check("correct horse b"), Ok(()));
    assert_eq!(check("correct horse "), Err("too_short"));
    assert_eq!(check("cafe\u{301} creme 12"), Err("too_short"));
    assert_eq!(check(&"a\u{1f40e}bcd".repeat(26)), Err("too_long"));
}

#[test]
fn spaces_at_the_ends_belong_to_the_password() {
    assert_eq!(check("  correct horse b"), Ok(()));
    let password = Password::parse("  correct horse b").unwrap();
    assert_eq!(password.as_bytes(), b"  correct horse b");
}

#[test]
fn password_built_from_owner_or_product_is_refused() {
    for built in [
        "AdaLovelace1815",
        "ada.lovelace@example.org",
        "4d4-L0v3l4c3-4d4-L0v3l4c3",
        "lovelace_lovelace_2024",
        "adaadaLovelaceLovelace",
        "AcmeAcmeAcmeAcme!",
        "keywardkeyward1",
        "Keyward-Keyward-Keyward",
        "K3yw4rd_Acme_Ada",
        "ExampleOrg2024!!",
        "Welcome2Keyward!",
    ] {
        assert_eq!(check(built), Err("too_guessable"), "{built}");
    }
}

#[test]
fn patterns_are_refused_at_any_length() {
    for pattern in [
        "aaaaaaaaaaaaaaa",
        "123456789012345",
        "qwertyuiopasdfgh",
        "QWERTZUIOPASDFGHJKL",
        "abcdefghijklmnopqrstuvwxyz",
        "zyxwvutsrqponmlkjihgfedcba",
        "abcabcabcabcabcabc",
        "1qaz2wsx3edc4rfv",
        "1q2w3e4r5t6y7u8i9o0p",
        "!@#$%^&*()!@#$%^&*()",
        "xvqxvqxvqxvqxvq",
        "               ",
        "\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}",
    ] {
        assert!(check(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn common_passwords_are_refused_in_every_spelling() {
    for common in [
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "p.a.s.s.w.o.r.d!",
        "Password_Dragon_2024",
        "P@ssw0rd_Dr@gon_24",
        "iloveyou-iloveyou-iloveyou",
        "strawberry milkshake",
        "dragon monkey football",
        "Ada's password1!!",
        "Password12345678",
        "letmein-letmein-please",
        "Stefan.Greil.1983",
    ] {
        assert_eq!(check(common), Err("too_common"), "{common}");
    }
}

#[test]
fn entry_of_the_blocklist_is_refused() {
    let list = Blocklist::read(&b"correct horse battery staple\n"[..]).unwrap();
    let policy = PasswordPolicy::new(15, "Acme".into(), list);
    let code = |typed: &str| {
        let validated = policy.validate(Password::parse(typed).unwrap(), &[]);
        validated.map(drop).map_err(|flaw| flaw.code)
    };

    assert_eq!(code("Correct Horse Battery Staple 7"), Err("too_common"));
    assert_eq!(code("correct horse battery stable"), Ok(()));
    assert_eq!(check("Correct Horse Battery Staple 7"), Ok(()));
}

#[test]
fn good_passphrases_pass() {
    for good in [
        "correct horse battery staple",
        "correcthorsebatterystaple",
        "a garden full of thyme",
        "an entirely new passphrase",
        "the cat sat on the mat",
        "applebridgecandledragon",
        "monkey number orange summer",
        "tiger.uncle.window.yellow",
        "zwei Katzen im Regen",
        "\u{442}\u{440}\u{438} \u{441}\u{435}\u{441}\u{442}\u{440}\u{44b} \u{447}\u{435}\u{445}\u{43e}\u{432}\u{430}",
        "Tr0ub4dor&3-and-more",
        "830284719203847",
        "kX9$vQ2#pL7@wZ4",
        "$#%^&*(!@)-=+_[]",
        "lower.case-with_signs",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
}

#[test]
fn hostile_passwords_are_validated_quickly() {
    let hostile =
        ["4@8({[<3691!|1i7+$5%x2", "4836917052", "p4$$w0rd!|1l", "a", "11/11/11", "@!|$+("];
    for part in hostile {
        let typed: String = part.chars().cycle().take(Password::MAX_CHARS).collect();
        let began_at = Instant::now();
        let _ = check(&typed);
        // An unbounded input takes zxcvbn 1.7 s, optimised.
        assert!(
            began_at.elapsed() < Duration::from_millis(500),
            "{part}: {:?}",
            began_at.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn fifteen_random_letters_and_digits_pass(typed in "[A-Za-z0-9]{15,30}") {
        prop_assert_eq!(check(&typed), Ok(()));
    }

    #[test]
    fn twenty_random_characters_pass(typed in "[!-~]{20,30}") {
        prop_assert_eq!(check(&typed), Ok(()));
    }

    #[test]
    fn every_password_is_validated_without_panic(typed in "\\PC{0,128}") {
        let _ = check(&typed);
    }
}

#[test]
fn composed_and_decomposed_forms_are_one_password() {
    let composed = Password::parse("caf\u{e9}").unwrap();
    let decomposed = Password::parse("cafe\u{301}").unwrap();
    assert_eq!(composed.as_bytes(), decomposed.as_bytes());
}

#[test]
fn debug_output_hides_the_password() {
    let shown = format!("{:?}", Password::parse("correct horse b").unwrap());
    assert!(!shown.contains("horse"), "{shown}");
}
