//! `prepare`: stores descriptions of our queries in `.sqlx`, so that they compile without Postgres.
//!
//! If `SQLX_OFFLINE` is false, the query macros ask a live database and write one file per query
//! to `SQLX_OFFLINE_DIR`. So this migrates an empty database and compiles our crates.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use keyward_stack::{
    Durability, Stack,
    console::{Step, note},
    folder,
};

use super::cargo;

/// The packages whose SQL is checked at compile time.
const PACKAGES: [&str; 2] = ["keyward-core", "keyward-worker"];

/// Writes `.sqlx`; with `check` only compares it.
pub(crate) async fn run(check: bool) -> Result<ExitCode> {
    let home = folder::scratch("prepare")?;
    let stack = Stack::start(&home.path().join("servers"), Durability::Scratch).await?;
    let fresh = home.path().join("sqlx");
    fs::create_dir_all(&fresh)?;
    let described = describe(&stack, &fresh).await;
    stack.discard().await;
    described?;

    let kept = folder::repository().join(".sqlx");
    let (fresh, old) = (contents(&fresh)?, contents(&kept)?);
    if check {
        return Ok(compare(&fresh, &old));
    }
    let _ = fs::remove_dir_all(&kept);
    fs::create_dir_all(&kept)?;
    for (name, text) in &fresh {
        fs::write(kept.join(name), text)?;
    }
    note(format!("{} queries are described in .sqlx", fresh.len()));
    Ok(ExitCode::SUCCESS)
}

/// Migrates the empty database and compiles the crate against it.
async fn describe(stack: &Stack, folder: &Path) -> Result<()> {
    let url = stack.urls().database;
    let step = Step::start();
    let pool = keyward_migrations::connect(&url).await?;
    keyward_migrations::run(&pool).await.context("the migrations failed")?;
    pool.close().await;
    step.done("migrated an empty database");

    // apalis-postgres does not compile with a DATABASE_URL, so dependencies are compiled first. Our own
    // packages may fail here, because their descriptions are written below.
    let step = Step::start();
    let _ = cargo(&["check", "--quiet", "--keep-going", "--lib"])
        .args(PACKAGES.map(|package| format!("--package={package}")))
        .run()
        .await?;
    step.done("compiled the dependencies; errors of our own crates are expected so far");
    for package in PACKAGES {
        // A new flag makes cargo recompile this package only.
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let again = format!("keyward_prepare_{now}");
        let expand = ["rustc", "--quiet", "-p", package, "--lib", "--profile", "check"];
        let step = Step::start();
        let status = cargo(&expand)
            .args(["--", "--cfg", &again])
            .env("DATABASE_URL", &url)
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", folder)
            .env("CARGO_INCREMENTAL", "0")
            .run()
            .await?;
        ensure!(status.success(), "{package} does not compile");
        step.done(format!("described the queries of {package}"));
    }
    Ok(())
}

type Contents = BTreeMap<OsString, Vec<u8>>;

fn contents(folder: &Path) -> Result<Contents> {
    if !folder.is_dir() {
        return Ok(Contents::new());
    }
    let files = fs::read_dir(folder)?.map(|entry| {
        let entry = entry?;
        Ok((entry.file_name(), fs::read(entry.path())?))
    });
    files.collect::<Result<_>>().with_context(|| format!("reading {}", folder.display()))
}

fn compare(fresh: &Contents, old: &Contents) -> ExitCode {
    let names = fresh.keys().chain(old.keys());
    let mut different: Vec<_> = names.filter(|name| fresh.get(*name) != old.get(*name)).collect();
    different.sort();
    different.dedup();
    for name in &different {
        let what = match (fresh.contains_key(*name), old.contains_key(*name)) {
            (true, false) => "missing",
            (false, _) => "unused",
            (true, true) => "out of date",
        };
        eprintln!(".sqlx/{}: {what}", name.display());
    }
    if different.is_empty() {
        note(format!("all {} queries in .sqlx are up to date", fresh.len()));
        return ExitCode::SUCCESS;
    }
    eprintln!(".sqlx is out of date: run `make prepare`");
    ExitCode::FAILURE
}
