//! `keyward-api admin`: administrators, made by whoever runs the server.

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use keyward_core::{
    App, Error, Refusal,
    administrator::Administrator,
    commands::{ChangeRole, InviteUser},
    domain::{EmailAddress, Purpose, Role, UserId, VersionMatch},
    origin::{Origin, Trace},
    queries::{GetUserByEmail, Keyset, ListUsers},
};

/// What can be done about administrators. The events that it leaves name no account as the one who
/// did it.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Invite an administrator: mail a link that opens the account, and print it, too.
    Create {
        /// The address; nobody has an account with it.
        #[arg(long, value_parser = address)]
        email: EmailAddress,
    },
    /// List the administrators.
    List,
    /// Make somebody an administrator who has an account already.
    Promote {
        /// The address of the account.
        #[arg(long, value_parser = address)]
        email: EmailAddress,
    },
}

fn address(typed: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(typed).map_err(|flaw| flaw.detail)
}

/// The command line decides by itself who may use it.
const BY: Administrator = Administrator::CommandLine;

impl Admin {
    /// Does it, and says on `out` what it did.
    ///
    /// # Errors
    ///
    /// If it is refused, Postgres is away, or `out` cannot be written to.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<()> {
        let origin = Origin { trace: Trace::continue_from(None, None), ..Origin::default() };
        match self {
            Self::Create { email } => create(app, &origin, email, out).await,
            Self::List => list(app, out).await,
            Self::Promote { email } => promote(app, &origin, email, out).await,
        }
    }
}

async fn create(
    app: &App,
    origin: &Origin,
    email: EmailAddress,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let address = email.as_str().to_owned();
    let command = InviteUser { by: BY, email, role: Role::Admin };
    let Some(token) = app.execute(command, origin).await? else {
        bail!(
            "{address} has an account already; make it an administrator's with\n  \
             keyward-api admin promote --email {address}"
        );
    };
    let link = app.settings.page(Purpose::AcceptInvitation.page(), Some(&token));
    let hours = app.settings.life.invitation_link.as_secs() / 3_600;
    writeln!(out, "An invitation is on its way to {address}. Its link opens the account, once,")?;
    writeln!(out, "within {hours} hours; show it to nobody else:\n\n{link}")?;
    Ok(())
}

async fn list(app: &App, out: &mut impl Write) -> anyhow::Result<()> {
    let mut after: Option<UserId> = None;
    loop {
        let (role, page) = (Some(Role::Admin), Keyset { after, limit: 100 });
        let found = ListUsers { by: BY, text: None, role, status: None, page };
        let page = app.fetch(found).await?;
        for user in &page {
            let verified = if user.email_verified { "" } else { ", address not confirmed" };
            writeln!(out, "{} {} ({}{verified})", user.id, user.email, user.status.as_str())?;
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None if after.is_none() => {
                writeln!(out, "There is no administrator. Make the first one with")?;
                writeln!(out, "  keyward-api admin create --email <address>")?;
                return Ok(());
            }
            None => return Ok(()),
        }
    }
}

async fn promote(
    app: &App,
    origin: &Origin,
    email: EmailAddress,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let address = email.as_str().to_owned();
    let user = match app.fetch(GetUserByEmail { by: BY, email }).await {
        Err(Error::Refused(Refusal::UserNotFound)) => bail!(
            "{address} has no account; invite an administrator with\n  \
             keyward-api admin create --email {address}"
        ),
        user => user?,
    };
    let (user_id, role, if_match) = (user.id, Role::Admin, VersionMatch::Any);
    app.execute(ChangeRole { by: BY, user_id, role, if_match }, origin).await?;
    writeln!(out, "{address} is an administrator.")?;
    if user.status != keyward_core::domain::Status::Active {
        writeln!(out, "The account is disabled: another administrator must enable it first.")?;
    }
    Ok(())
}
