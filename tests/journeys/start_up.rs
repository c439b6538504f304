//! What the programs say at start when they cannot work.

use std::path::PathBuf;

use keyward_stack::{folder, process::Launch};
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
