//! What the programs say at start when they cannot work.

use std::path::PathBuf;

use keyward_stack::{folder, process::Launch, secret};
use keyward_tests::server;

/// Runs a program without any server, until it exits. Returns whether it succeeded, and its output.
async fn run(program: &str, args: &[&str], env: &[(&str, &str)], file: &str) -> (bool, String) {
    let scratch = folder::scratch("start").unwrap();
    std::fs::write(scratch.path().join(".env"), file).unwrap();
    let log = scratch.path().join("log");
    let launch = Launch::new(PathBuf::from(server("BIN_DIR")).join(program))
        .folder(scratch.path())
        .args(args)
        .output(std::fs::File::create(&log).unwrap())
        .unwrap();
    let launch = env.iter().fold(launch, |launch, (name, value)| launch.env(*name, *value));
    let status = launch.run().await.unwrap();
    (status.success(), std::fs::read_to_string(log).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_program_reports_all_mistakes_of_the_settings_at_once() {
    let file = "# ours\nNATS_URL=nats\nREDIS_URL=http://127.0.0.1\nCOFFEE=black\nOPS_ADDR=8081\n";
    let env = [
        ("DATABASE_URL", "mysql://x"),
        ("SMTP_URL", "mail.example.org"),
        ("MAIL_FROM", "no-reply"),
        ("RATE_LIMT_ENABLED", "false"),
    ];
    for (program, args) in [
        ("keyward-api", &[][..]),
        ("keyward-api", &["admin", "list"]),
        ("keyward-worker", &[]),
        ("keyward-worker", &["queues"]),
        ("migrate", &[]),
        ("migrate", &["--check"]),
    ] {
        let (succeeded, output) = run(program, args, &env, file).await;

        assert!(!succeeded, "{output}");
        for mistake in [
            "DATABASE_URL: must begin with postgres://",
            "NATS_URL (.env line 2): is not a URL",
            "REDIS_URL (.env line 3): must begin with redis://",
            "SMTP_URL: is not a URL",
            "MAIL_FROM: must be",
            "OPS_ADDR (.env line 5): invalid socket address",
            "COFFEE (.env line 4): is unknown",
            "RATE_LIMT_ENABLED: is unknown; did you mean RATE_LIMIT_ENABLED?",
        ] {
            assert!(output.contains(mistake), "{program} {args:?}: {mistake}\n{output}");
        }
        let requires_keys = program != "migrate";
        assert_eq!(output.contains("LINK_KEY is not set"), requires_keys, "{program}: {output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_requires_only_the_database() {
    let (succeeded, output) = run("migrate", &[], &[("BLOB_URL", "s3://pictures")], "").await;

    assert!(!succeeded && output.contains("the settings have 1 mistake(s)"), "{output}");
    assert!(output.contains("DATABASE_URL is not set (nor DATABASE_URL_FILE)"), "{output}");
}

/// Settings with which every program starts, and finds no server.
fn complete() -> Vec<(&'static str, String)> {
    let keys =
        ["LINK_KEY", "SESSION_KEY", "WEBHOOK_KEY", "SIGNING_KEYS", "OPS_OPERATORS", "OPS_VIEWERS"];
    let servers = [
        ("DATABASE_URL", "postgres://127.0.0.1:1/none"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("NATS_URL", "nats://127.0.0.1:1"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("API_ADDR", "127.0.0.1:0"),
        ("API_OPS_ADDR", "127.0.0.1:0"),
        ("OPS_ADDR", "127.0.0.1:0"),
    ];
    let servers = servers.map(|(name, value)| (name, value.to_owned()));
    servers.into_iter().chain(keys.map(|name| (name, secret::key().unwrap()))).collect()
}

/// Runs a program with complete settings and a brand of these files.
async fn run_branded(program: &str, args: &[&str], files: &[(&str, &str)]) -> (bool, String) {
    let brand = folder::scratch("brand").unwrap();
    for (name, content) in files {
        let path = brand.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let path = brand.path().to_str().unwrap();
    let complete = complete();
    let mut env: Vec<_> = complete.iter().map(|(name, value)| (*name, value.as_str())).collect();
    env.push(("BRAND_DIR", path));
    let (succeeded, output) = run(program, args, &env, "").await;
    (succeeded, output.replace(path, "BRAND"))
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_the_brand_prevent_the_start_of_every_program() {
    let files = [
        ("brand.toml", "accent = \"#7fd6cb\"\naccent_dark = \"#7fd6cb\"\n"),
        ("locales/de/ours.ftl", "mail-footr = Acme\n"),
        ("templates/emails/layout.txt", "{{ greeting }}\n{% if %}\n"),
    ];
    for (program, args) in [
        ("keyward-api", &[][..]),
        ("keyward-worker", &[]),
        ("keyward-worker", &["mail", "preview", "x"]),
    ] {
        let (succeeded, output) = run_branded(program, args, &files).await;

        assert!(!succeeded, "{output}");
        for mistake in [
            "the settings have 3 mistake(s)",
            "BRAND_DIR: BRAND/brand.toml line 1: accent #7fd6cb has a contrast of ",
            "BRAND_DIR: BRAND/locales/de/ours.ftl line 1: there is no message mail-footr; did you mean mail-footer?",
            "BRAND_DIR: BRAND/templates/emails/layout.txt line 2: syntax error",
        ] {
            assert!(output.contains(mistake), "{program} {args:?}: {mistake}\n{output}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undefined_value_in_a_layout_prevents_the_start_of_the_worker() {
    let files = [
        ("templates/emails/layout.txt", "{{ greeting }}\n\n{{ suport }}\n"),
        (
            "templates/emails/layout.html",
            "<p>{% if support %}\n{{ support.email }}{% endif %}</p>\n",
        ),
    ];
    for args in [&[][..], &["mail", "preview", "mails"]] {
        let (succeeded, output) = run_branded("keyward-worker", args, &files).await;

        assert!(!succeeded, "{output}");
        for mistake in [
            "the templates in BRAND_DIR have 2 mistake(s)",
            "BRAND/templates/emails/layout.txt line 3: undefined value",
            "BRAND/templates/emails/layout.html line 2: undefined value",
        ] {
            assert!(output.contains(mistake), "{args:?}: {mistake}\n{output}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_in_a_template_of_a_page_prevents_the_start_of_the_api() {
    let files = [
        ("templates/pages/message.html", "<h1>{{ title }}</h1>\n\n{{ leed }}\n"),
        ("templates/pages/use_link.html", "<p>\n{{ text(\"page-nothing\") }}</p>\n"),
        (
            "templates/pages/parts.html",
            "{% macro onward(url, class) %}\n{{ url.x.y }}\n{% endmacro %}\n",
        ),
        ("templates/pages/footer.html", ""),
    ];
    let (succeeded, output) = run_branded("keyward-api", &[], &files).await;
    assert!(!succeeded, "{output}");
    let unknown =
        "BRAND/templates/pages/footer.html: replaces no template; there are layout.html, ";
    assert!(output.contains(unknown), "{output}");

    let (succeeded, output) = run_branded("keyward-api", &[], &files[..3]).await;

    assert!(!succeeded, "{output}");
    for mistake in [
        "BRAND/templates/pages/message.html line 3: undefined value",
        "BRAND/templates/pages/use_link.html line 2: invalid operation: there is no message page-nothing",
        "BRAND/templates/pages/parts.html line 2: undefined value",
    ] {
        assert!(output.contains(mistake), "{mistake}\n{output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_has_the_brand_and_names_missing_messages() {
    let files = [
        ("locales/nl/mail.ftl", "mail-greeting = Hallo { $name },\n"),
        ("templates/emails/layout.html", "<h1>Acme</h1>\n"),
    ];
    let mails = folder::scratch("mails").unwrap();

    let args = ["mail", "preview", mails.path().to_str().unwrap()];
    let (succeeded, output) = run_branded("keyward-worker", &args, &files).await;

    assert!(succeeded, "{output}");
    assert!(output.contains("nl lacks ") && output.contains("\n  mail-footer\n"), "{output}");
    let read = |name: &str| std::fs::read_to_string(mails.path().join(name)).unwrap();
    assert!(read("nl/verification.txt").contains("Hallo Ada Lovelace,"));
    assert_eq!(read("de/verification.html"), "<h1>Acme</h1>");
}
