//! The command line of `keyward-api`.

mod admin;
mod env_file;
mod keys;

use clap::{Parser, Subcommand};

pub use admin::AdminCommand;
pub use keys::KeysCommand;

/// Serves the Keyward API, or runs a command.
///
/// Every command reads the same settings as the API: environment variables and `.env`.
#[derive(Debug, Parser)]
#[command(name = "keyward-api", version, propagate_version = true)]
pub struct Cli {
    /// The command. Without one, serves the API.
    #[command(subcommand)]
    pub command: Option<ApiCommand>,
}

/// The commands of `keyward-api`.
#[derive(Debug, Subcommand)]
pub enum ApiCommand {
    /// Serve the API until SIGTERM or Ctrl-C. This is the default.
    Serve,
    /// Create and list administrators: the first one, and in an emergency.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// List and rotate the keys that sign access tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_valid_and_its_command_optional() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["keyward-api"]).command.is_none());
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        let args = ["keyward-api", "admin", "create", "--email", "ada"];
        let error = Cli::try_parse_from(args).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("not an email address"), "{error}");
        assert!(Cli::try_parse_from(["keyward-api", "admin", "create"]).is_err());
    }
}
