//! The command line of `keyward-api`: it serves, or does what must not need an access token.

mod admin;
mod env_file;
mod keys;

use clap::{Parser, Subcommand};

pub use admin::Admin;
pub use keys::Keys;

/// Runs the API of Keyward, or does one thing on the command line.
///
/// Every command reads the same settings as the API: environment variables and `.env`.
#[derive(Debug, Parser)]
#[command(name = "keyward-api", version, propagate_version = true)]
pub struct Cli {
    /// What to do; without a command the API is served.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `keyward-api` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API until SIGTERM or Ctrl-C. The same as no command at all.
    Serve,
    /// Make administrators and see who is one: for the first one, and for rescue.
    #[command(subcommand)]
    Admin(Admin),
    /// The keys that sign access tokens: list them, and rotate them step by step.
    #[command(subcommand)]
    Keys(Keys),
}

impl Cli {
    /// Reads the arguments of this process. Ends it with code 2 if they make no sense, and after
    /// `--help` and `--version`.
    #[must_use]
    pub fn of_process() -> Self {
        Self::parse()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_needs_no_command() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["keyward-api"]).command.is_none());
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        let args = ["keyward-api", "admin", "create", "--email", "ada"];
        let error = Cli::try_parse_from(args).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("not an email address"), "{error}");
        assert!(Cli::try_parse_from(["keyward-api", "admin", "create"]).is_err());
    }
}
