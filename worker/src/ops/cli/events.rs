//! `keyward-worker events`: unreadable events.

use std::io::Write;

use clap::Subcommand;
use keyward_core::App;

use super::print::{each, time};
use crate::ops::{actions::ActingOperator, events, words::plain};

/// Commands on unreadable events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// List unreadable events with their reasons, the latest first.
    Unreadable {
        /// Most events.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show an unreadable event.
    Show {
        /// Its id in the list.
        id: String,
    },
    /// Delete unreadable events.
    Discard {
        /// Their ids in the list.
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

impl EventsCommand {
    /// Runs the command, prints the result to `out`, and returns whether all went well.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, there is no such event, or `out` fails.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        match self {
            Self::Unreadable { limit } => {
                let found = events::list(app, None, limit).await?;
                for event in &found {
                    let (id, at, subject) =
                        (event.id, time(Some(event.received_at)), &event.subject);
                    writeln!(out, "{id}  {at}  {subject}  {}", plain(&event.reason))?;
                }
                if found.is_empty() {
                    writeln!(out, "there are no unreadable events")?;
                }
                Ok(true)
            }
            Self::Show { id } => {
                let event = events::get(app, &id).await?;
                writeln!(out, "id        {}", event.id)?;
                writeln!(out, "subject   {}", event.subject)?;
                writeln!(out, "received  {}", time(Some(event.received_at)))?;
                writeln!(out, "reason    {}", plain(&event.reason))?;
                writeln!(out, "payload   {}", plain(&event.payload))?;
                Ok(true)
            }
            Self::Discard { ids } => {
                let actor = ActingOperator::command_line();
                let discard = async |id: &str| events::discard(app, &actor, id).await;
                Ok(each(ids, out, "discarded", discard).await?)
            }
        }
    }
}
