//! Prints the plans of statements, with Postgres' `auto_explain`.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::{
    Layer as _, filter::dynamic_filter_fn, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{probes::Probe, site::Site};

static IS_ON: AtomicBool = AtomicBool::new(false);

/// Prints the notices of Postgres while [`print`] runs.
pub(crate) fn install() {
    let is_plan = dynamic_filter_fn(|event, _| {
        IS_ON.load(Ordering::Relaxed) && event.target() == "sqlx::postgres::notice"
    });
    let layer =
        fmt::layer().without_time().with_level(false).with_target(false).with_filter(is_plan);
    tracing_subscriber::registry().with(layer).init();
}

/// Runs a probe once while Postgres explains its statements, and those of the worker.
pub(crate) async fn print(probe: &Probe, site: &mut Site, nth: u64) {
    println!("\n{}\n", probe.name);
    let database = site.world.name().to_owned();
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        // Messages of this level are sent whatever `client_min_messages` is.
        "auto_explain.log_level = 'info'",
    ] {
        site.world.sql(&format!("alter database {database} set {setting}")).await;
    }
    // The settings apply to new connections.
    site.world
        .sql(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;
    IS_ON.store(true, Ordering::Relaxed);
    probe.run(site, nth).await;
    IS_ON.store(false, Ordering::Relaxed);
}
