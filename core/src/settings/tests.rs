use std::time::Duration;

use super::*;
use crate::domain::{Limit, LinkCode};

fn good(name: &str) -> Option<String> {
    Some(match name {
        "DATABASE_URL" => "postgres://u:p@localhost/k".into(),
        "REDIS_URL" => "redis://localhost".into(),
        "NATS_URL" => "nats://localhost".into(),
        "SMTP_URL" => "smtp://localhost:25".into(),
        "LINK_KEY" => STANDARD.encode((1..=32).collect::<Vec<u8>>()),
        "SESSION_KEY" => STANDARD.encode((2..=33).collect::<Vec<u8>>()),
        "WEBHOOK_KEY" => STANDARD.encode((4..=35).collect::<Vec<u8>>()),
        "SIGNING_KEYS" => STANDARD.encode((3..=34).collect::<Vec<u8>>()),
        "OPS_OPERATORS" => "anna:annas long password, ben:bens long password".into(),
        "OPS_VIEWERS" => "the long password".into(),
        _ => return None,
    })
}

fn mistakes(name: &str, value: &str) -> String {
    Settings::from_env(|key| if key == name { Some(value.into()) } else { good(key) })
        .expect_err("a mistake")
        .to_string()
}

#[test]
fn only_servers_keys_and_operators_are_required() {
    let settings = Settings::from_env(good).unwrap();
    assert_eq!(settings.life.access_token, Duration::from_secs(600));
    assert_eq!(settings.passwords.min_chars, 15);
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let error = Settings::from_env(|key| (key == "PUBLIC_URL").then(|| "nope".into()))
        .unwrap_err()
        .to_string();
    for name in ["DATABASE_URL is not set", "LINK_KEY is not set", "PUBLIC_URL: "] {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn missing_short_and_placeholder_keys_are_refused() {
    for bad in ["", "change-me", "c2hvcnQ=", &STANDARD.encode([0; 32]), &STANDARD.encode([7; 40])] {
        assert!(mistakes("LINK_KEY", bad).contains("LINK_KEY"), "{bad:?}");
        assert!(mistakes("SIGNING_KEYS", bad).contains("SIGNING_KEYS"), "{bad:?}");
    }
    let same = good("SESSION_KEY").unwrap();
    assert!(mistakes("LINK_KEY", &same).contains("LINK_KEY and SESSION_KEY: must differ"));
    assert!(mistakes("WEBHOOK_KEY", &same).contains("SESSION_KEY and WEBHOOK_KEY: must differ"));
}

#[test]
fn mistakes_do_not_show_secrets() {
    let error = mistakes("LINK_KEY", "hunter2-hunter2");
    assert!(!error.contains("hunter2"), "{error}");
    let settings = format!("{:?}", Settings::from_env(good).unwrap());
    assert!(!settings.contains("u:p@"), "{settings}");
    for bad in ["collector:4318", "ftp://collector", "http://u:hunter2@collector:4318"] {
        let error = mistakes("OTLP_ENDPOINT", bad);
        assert!(error.contains("OTLP_ENDPOINT") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn minimums_that_protect_users_are_enforced() {
    assert!(mistakes("PASSWORD_MIN_LENGTH", "7").contains("at least 8"));
    assert!(mistakes("ARGON2_MEMORY_KIB", "1024").contains("at least 19456"));
    assert!(mistakes("CORS_ORIGINS", "*").contains("is not an origin"));
    assert!(mistakes("CORS_ORIGINS", "https://a.example/").contains("is not an origin"));
    assert!(mistakes("PUBLIC_URL", "https://a.example/path").contains("without a path"));
}

#[test]
fn every_url_and_address_is_judged() {
    for (name, bad, why) in [
        ("DATABASE_URL", "mysql://u:hunter2@x/k", "must begin with postgres:// or postgresql://"),
        ("DATABASE_URL", "postgres://u:hunter2@x:99999/k", "invalid port number"),
        ("DATABASE_URL", "postgres:///k", "has no host"),
        ("DATABASE_URL", "postgres://x/k?sslmode=maybe", "ssl_mode"),
        ("REDIS_URL", "localhost:6379", "is not a URL like redis://host:port"),
        ("REDIS_URL", "http://x", "must begin with redis://"),
        ("REDIS_URL", "redis://x/a", "database"),
        ("NATS_URL", "nats", "is not a URL like nats://host:port"),
        ("NATS_URL", "nats://x:0", "has port 0"),
        ("NATS_URL", "nats://", "has no host"),
        ("NATS_MONITORING_URL", "nats://x", "must begin with http:// or https://"),
        ("SMTP_URL", "mail.example.org", "is not a URL like smtp://host:port"),
        ("SMTP_URL", "smtp://x?tls=maybe", "`required` or `opportunistic`"),
        ("SMTP_URL", "smtps://x?tls=required", "takes no tls="),
        ("MAIL_FROM", "no-reply", "must be `Name <address>` or an address"),
        ("MAIL_FROM", "Acme <a@b.example", "must be `Name <address>` or an address"),
        ("MAIL_FROM", "a@b.example, c@d.example", "must be `Name <address>` or an address"),
        ("SMTP_EHLO_NAME", "keyward", "must be a fully qualified name"),
        ("SMTP_EHLO_NAME", "192.0.2.1", "must be a fully qualified name"),
        ("PUBLIC_URL", "ftp://x", "must begin with http:// or https://"),
        ("PUBLIC_URL", "https://u:hunter2@x", "without a path"),
        ("APP_URL", "app.example.org", "is not a URL like http://host:port"),
        ("APP_URL", "javascript://x/%0aalert(1)", "must begin with http:// or https://"),
        ("APP_URL", "https://u:hunter2@x", "must not contain a user"),
        ("SUPPORT_EMAIL", "support", "is not an email address"),
        ("AVATAR_PUBLIC_URL", "cdn.example.org", "is not a URL like http://host:port"),
        ("BLOB_S3_ENDPOINT", "s3://x", "must begin with http:// or https://"),
        ("BRAND_DIR", "/nowhere/brand", "/nowhere/brand: cannot be read as a folder"),
        ("DEFAULT_LOCALE", "pt", "must be one of de, en, es, "),
        ("DEFAULT_LOCALE", "nl", "must be one of de, en, es, "),
        ("API_ADDR", "localhost:8080", "invalid socket address"),
        ("OPS_ADDR", "127.0.0.1:99999", "invalid socket address"),
        ("API_OPS_ADDR", "127.0.0.1:8080", "must differ"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.0/33", "\"10.0.0.0/33\""),
        ("WEBHOOK_ALLOWED_NETWORKS", "localhost", "\"localhost\""),
    ] {
        let mistakes = mistakes(name, bad);
        assert!(mistakes.contains(name) && mistakes.contains(why), "{bad}: {mistakes}");
        assert!(mistakes.contains("1 mistake") && !mistakes.contains("hunter2"), "{mistakes}");
    }
}

#[test]
fn good_urls_and_senders_are_accepted() {
    for (name, good_value) in [
        ("DATABASE_URL", "postgresql://u:p%40@[::1]:5432/k?sslmode=verify-full"),
        ("DATABASE_URL", "postgres:///k?host=/run/postgresql"),
        ("REDIS_URL", "redis://:p@host:6379/3"),
        ("NATS_URL", "tls://u:p@host"),
        ("SMTP_URL", "smtp://u:p@host?tls=required"),
        ("APP_URL", "https://app.example.org/start?from=mail"),
        ("SUPPORT_EMAIL", "support@example.org"),
        ("MAIL_FROM", "a@b.example"),
        ("MAIL_FROM", "\"Acme, Inc.\" <a@b.example>"),
        ("MAIL_FROM", "Acme, Inc. <a@bücher.example>"),
    ] {
        let get = |key: &str| if key == name { Some(good_value.into()) } else { good(key) };
        Settings::from_env(get).unwrap_or_else(|error| panic!("{good_value}: {error}"));
    }
}

#[test]
fn sample_brand_adds_its_language_to_the_setting() {
    let brand = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/brand");
    let settings = Settings::from_env(|key| match key {
        "BRAND_DIR" => Some(brand.into()),
        "DEFAULT_LOCALE" => Some("nl".into()),
        _ => good(key),
    });

    let settings = settings.unwrap();

    assert_eq!(settings.default_locale.as_str(), "nl");
    assert_eq!(settings.negotiate(["xx"]), settings.default_locale);
    assert_eq!(settings.negotiate(["nl-BE"]).as_str(), "nl");
    assert!(settings.brand.is_own && settings.brand.colours.is_some());
    assert!(settings.brand.logo.is_some() && settings.brand.email_logo.is_some());
}

#[test]
fn migrate_does_not_read_the_brand() {
    let file = "DATABASE_URL=postgres://x/k\nBRAND_DIR=/nowhere/brand\nDEFAULT_LOCALE=nl\n";
    let variables = Variables::parse(".env", file);

    assert!(Settings::database_url(&variables).is_ok());
}

#[test]
fn nats_user_is_separated_from_its_url() {
    let nats = |url: &str| {
        let get = |key: &str| if key == "NATS_URL" { Some(url.into()) } else { good(key) };
        Settings::from_env(get).unwrap().servers.nats()
    };
    assert_eq!(nats("nats://host:1"), ("nats://host:1".into(), None));
    let with_user = ("nats://host:1".into(), Some(("u".into(), "p".into())));
    assert_eq!(nats("nats://u:p@host:1"), with_user);
}

/// SECURITY.md states the numbers.
#[test]
fn codes_of_one_account_are_safe_from_a_day_of_guessing() {
    let limits = Settings::from_env(good).unwrap().limits;
    let a_day =
        |limit: Limit| f64::from(limit.burst) * (1.0 + 86_400.0 / limit.period.as_secs_f64());
    let chance = |tries: f64| tries / LinkCode::COUNT as f64;

    // Strangers request resets and verifications; the account itself requests changes of its address,
    // with two codes each. Any number of networks shares these.
    let codes = 2.0 * a_day(limits.mailbox_total) + 2.0 * a_day(limits.email_change);
    assert_eq!(codes, 750.0);
    let tries = codes * f64::from(LinkCode::MAX_TRIES);
    assert!(chance(tries) < 2_f64.powi(-22), "{}", chance(tries));

    // Over all accounts together, from 100,000 networks: accounts a day.
    let accounts = chance(100_000.0 * a_day(limits.code));
    assert!(accounts < 0.006, "{accounts}");
}

#[test]
fn links_lead_to_the_public_url() {
    let settings = Settings::from_env(good).unwrap();
    assert_eq!(settings.page("/reset-password", None), "http://127.0.0.1:8080/reset-password");
}

#[test]
fn only_operators_and_viewers_are_admitted() {
    let settings = Settings::from_env(good).unwrap();
    let admit = |text: &str| {
        let header = format!("Basic {}", STANDARD.encode(text));
        settings.operations.admit(Some(&header)).map(|who| (who.name, who.may_act))
    };

    assert_eq!(admit("anna:annas long password"), Some(("anna".into(), true)));
    assert_eq!(admit("ben:bens long password"), Some(("ben".into(), true)));
    assert_eq!(admit("viewer:the long password"), Some(("viewer".into(), false)));

    for wrong in ["anna:bens long password", "anna:", "viewer", ":the long password", ""] {
        assert_eq!(admit(wrong), None, "{wrong}");
    }
    for header in [None, Some(""), Some("Basic"), Some("Basic ???"), Some("Bearer YTpi")] {
        assert_eq!(settings.operations.admit(header), None, "{header:?}");
    }
}

#[test]
fn weak_operator_credentials_are_refused_and_not_shown() {
    for bad in ["", "change-me", "short", "anna:short", "a b:a password of some length"] {
        assert!(mistakes("OPS_OPERATORS", bad).contains("OPS_OPERATORS"), "{bad:?}");
    }
    assert!(mistakes("OPS_VIEWERS", "anna:another password").contains("\"anna\" is used twice"));
    assert!(!mistakes("OPS_OPERATORS", "anna:hunter2").contains("hunter2"));
    let shown = format!("{:?}", Settings::from_env(good).unwrap());
    assert!(!shown.contains("long password"), "{shown}");
}

#[test]
fn dkim_key_that_cannot_sign_is_refused() {
    for (bad, why) in [("not base64 at all", "neither PEM"), ("AAAA", "PKCS#8")] {
        assert!(mistakes("DKIM_KEY", bad).contains(why), "{bad:?}");
    }
    for bad in ["a b", "", "a..b", "x/y"] {
        let mistake = Settings::from_env(|key| match key {
            "DKIM_SELECTOR" if !bad.is_empty() => Some(bad.into()),
            _ => good(key),
        });
        assert_eq!(mistake.is_err(), !bad.is_empty(), "{bad:?}");
    }
    assert!(Settings::from_env(good).unwrap().mail.dkim().is_none());
}
