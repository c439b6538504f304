//! What most commands import.

pub(super) use chrono::{DateTime, Utc};

pub(super) use crate::{
    App, Command, Error, Refusal, Result,
    administrator::Administrator,
    app::{Actor, Tx},
    events::Event,
    origin::Origin,
    reauthentication::Reauthentication,
    store::{
        Ended, LockedUser, NewUser, Recipient, Revoked, UserPatch, account_deletion,
        administrators, avatars, blobs, email_changes, invitations, links, mails, service_tokens,
        sessions, suppressions, users, webhooks,
    },
};
