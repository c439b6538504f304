//! `keyward-api admin`: creates and lists administrators.

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use keyward_core::{
    App, Error, Refusal,
    administrator::Administrator,
    commands::{ChangeRole, InviteUser},
    domain::{EmailAddress, Purpose, Role, Status, VersionMatch},
    origin::{Origin, Trace},
    queries::{GetUser, Keyset, ListUsers, UserKey},
};

/// The commands about administrators. Their events have no `actor_id`.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Invite an administrator. Emails and prints a link to set up the account.
    Create {
        /// The email address. It must not have an account.
        #[arg(long, value_parser = address)]
        email: EmailAddress,
    },
    /// List the administrators.
    List,
    /// Make an existing account an administrator.
    Promote {
        /// The email address of the account.
        #[arg(long, value_parser = address)]
        email: EmailAddress,
    },
}

fn address(typed: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(typed).map_err(|flaw| flaw.detail)
}

/// Access to the server is the authorization.
const BY: Administrator = Administrator::CommandLine;

impl AdminCommand {
    /// Runs the command and reports the result on `out`.
    ///
    /// # Errors
    ///
    /// If the command is refused, Postgres is unavailable, or `out` fails.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<()> {
        match self {
            Self::Create { email } => create(app, email, out).await,
            Self::List => list(app, out).await,
            Self::Promote { email } => promote(app, email, out).await,
        }
    }
}

fn origin() -> Origin {
    Origin { trace: Trace::continue_from(None, None, ""), ..Origin::default() }
}

async fn create(app: &App, email: EmailAddress, out: &mut impl Write) -> anyhow::Result<()> {
    let address = email.as_str().to_owned();
    let command =
        InviteUser { by: BY, email, role: Role::Admin, locale: app.settings.default_locale };
    let Some(link) = app.execute(command, &origin()).await? else {
        bail!(
            "{address} already has an account. Promote it with\n  \
             keyward-api admin promote --email {address}"
        );
    };
    let token = app.links.token(Purpose::AcceptInvitation, link);
    let link = app.settings.page(Purpose::AcceptInvitation.page(), Some(&token));
    let hours = app.settings.life.invitation_link.as_secs() / 3_600;
    writeln!(out, "An invitation is being sent to {address}. Its link works once, within {hours}")?;
    writeln!(out, "hours. Do not share it with anyone else:\n\n{link}")?;
    Ok(())
}

async fn list(app: &App, out: &mut impl Write) -> anyhow::Result<()> {
    let (role, page) = (Some(Role::Admin), Keyset { after: None, limit: i64::MAX });
    let users = app.fetch(ListUsers { by: BY, text: None, role, status: None, page }).await?;
    for user in &users {
        let verified = if user.email_verified { "" } else { ", address not confirmed" };
        writeln!(out, "{} {} ({}{verified})", user.id, user.email, user.status.as_str())?;
    }
    if users.is_empty() {
        writeln!(out, "There is no administrator. Create the first one with")?;
        writeln!(out, "  keyward-api admin create --email <address>")?;
    }
    Ok(())
}

async fn promote(app: &App, email: EmailAddress, out: &mut impl Write) -> anyhow::Result<()> {
    let address = email.as_str().to_owned();
    let user = match app.fetch(GetUser { by: BY, user: UserKey::Email(email) }).await {
        Err(Error::Refused(Refusal::UserNotFound)) => bail!(
            "{address} has no account. Invite an administrator with\n  \
             keyward-api admin create --email {address}"
        ),
        user => user?,
    };
    let (user_id, role, if_match) = (user.id, Role::Admin, VersionMatch::Any);
    app.execute(ChangeRole { by: BY, user_id, role, if_match }, &origin()).await?;
    writeln!(out, "{address} is now an administrator.")?;
    if user.status != Status::Active {
        writeln!(out, "The account is disabled. Another administrator must enable it.")?;
    }
    Ok(())
}
