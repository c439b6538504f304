//! `servers`: runs the servers for tests until Ctrl-C, so that single tests start immediately.

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use anyhow::Result;
use keyward_stack::{
    Durability, MailSink, Stack,
    console::{Step, note},
    folder, mail_sink,
};

/// The variables with the addresses of the servers.
pub(crate) fn variables(stack: &Stack, mail: &MailSink) -> [(&'static str, String); 6] {
    let urls = stack.urls();
    [
        ("KEYWARD_TEST_DATABASE_URL", urls.superuser),
        ("KEYWARD_TEST_REDIS_URL", urls.redis),
        ("KEYWARD_TEST_NATS_URL", urls.nats),
        ("KEYWARD_TEST_NATS_MONITORING_URL", urls.nats_monitoring),
        ("KEYWARD_TEST_SMTP_URL", mail.smtp_url()),
        ("KEYWARD_TEST_MAIL_URL", mail.http_url()),
    ]
}

/// Runs until Ctrl-C.
pub(crate) async fn run() -> Result<ExitCode> {
    let shutdown = super::shutdown_requested()?;
    let step = Step::start();
    let mut stack = Stack::start(&folder::dev().join("servers"), Durability::Scratch).await?;
    let mail = MailSink::start(mail_sink::Options::default())?;
    step.done("servers for tests are ready; set these variables in the shell that runs the tests:");

    let bin = folder::target().join("debug");
    let mut out = stdout().lock();
    for (name, value) in variables(&stack, &mail) {
        writeln!(out, "export {name}='{value}'")?;
    }
    writeln!(out, "export KEYWARD_TEST_BIN_DIR='{}'", bin.display())?;
    out.flush()?;
    drop(out);

    note("press Ctrl-C to stop them");
    shutdown.await;
    stack.stop().await;
    Ok(ExitCode::SUCCESS)
}
