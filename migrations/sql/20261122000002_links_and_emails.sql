create table email_changes (
    change_id uuid primary key,
    position bigint generated always as identity,
    user_id uuid not null references users on delete cascade,
    session_id uuid not null,
    old_email text not null,
    old_email_key text not null,
    new_email text not null,
    new_email_key text not null,
    asked_at timestamptz not null
);
comment on table email_changes is 'Requested changes of address; kept as long as one of their links.';
comment on column email_changes.position is 'Drawn under the lock of the account: the order of its changes.';
comment on column email_changes.session_id is 'The session that requested the change, the only one that survives it.';
create index email_changes_by_user on email_changes (user_id);
create index email_changes_by_old_email on email_changes (old_email_key);
create index email_changes_by_new_email on email_changes (new_email_key);

create table links (
    link_id uuid primary key,
    purpose text not null,
    user_id uuid references users on delete cascade,
    change_id uuid references email_changes on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    renewed_at timestamptz,
    code_tries smallint not null default 0,
    constraint links_purpose_known check (
        purpose in ('verify_email', 'reset_password', 'confirm_email_change', 'undo_email_change',
                    'accept_invitation')
    )
);
comment on table links is 'Links that were emailed. Their tokens and codes are derived from the id and never stored.';
comment on column links.user_id is 'Null for invitations and for dummies: an unknown address costs the same work.';
comment on column links.change_id is 'The change of address that the link confirms or undoes.';
comment on column links.code_tries is 'Wrong tries of the short code. At five, the code no longer works; the link still does.';
create index links_by_end on links (expires_at);
create index links_by_change on links (change_id) where change_id is not null;
create index links_by_user on links (user_id, purpose);

create table invitations (
    email_key text primary key,
    email text not null,
    link_id uuid not null references links on delete cascade,
    role text not null,
    actor_id uuid references users on delete cascade,
    service_token_id uuid references service_tokens on delete cascade,
    invited_at timestamptz not null,
    constraint invitations_link_once unique (link_id),
    constraint invitations_role_known check (role in ('user', 'admin'))
);
create index invitations_by_actor on invitations (actor_id);
create index invitations_by_service_token on invitations (service_token_id)
    where service_token_id is not null;
comment on table invitations is 'The newest invitation of each invited address that has not accepted. Deleted with its link.';
comment on column invitations.actor_id is 'The sender, who must still be an administrator at acceptance; null for the command line and for a service token.';
comment on column invitations.service_token_id is 'The service token that sent it; its revocation revokes the invitation.';

create table mails (
    mail_id uuid primary key,
    kind text not null,
    user_id uuid references users on delete cascade,
    email text,
    locale text not null default 'en',
    link_id uuid references links on delete set null,
    asked_at timestamptz not null,
    asked_ip inet,
    state text not null default 'planned',
    attempts integer not null default 0,
    reply text,
    next_try_at timestamptz,
    updated_at timestamptz not null,
    mailbox bytea,
    reported_at timestamptz,
    constraint mails_state_known check (
        state in ('planned', 'sending', 'accepted', 'deferred', 'failed', 'expired', 'suppressed',
                  'bounced', 'complained')
    )
);
comment on table mails is 'The ledger of emails: what was promised and what the relay replied. Never a body or a link.';
comment on column mails.mail_id is 'Also the left part of the Message-ID, so that every attempt has the same one.';
comment on column mails.email is 'The recipient, fixed when the email is planned; erased when it is accepted or has expired.';
comment on column mails.locale is 'The language, fixed when the email is planned, so that a retry speaks it too.';
comment on column mails.mailbox is 'Keyed hash of the recipient, which outlives the address; set when the email is first sent.';
comment on column mails.reported_at is 'When a bounce or a complaint was recorded.';
create index mails_by_user on mails (user_id);
create index mails_by_link on mails (link_id);
create index mails_unfinished on mails (state, updated_at)
    where state in ('planned', 'sending', 'deferred');
create index mails_to_expire on mails (updated_at)
    where state in ('sending', 'deferred') or (state = 'failed' and email is not null);
create index mails_without_account on mails (asked_at) where user_id is null and email is null;
create index mails_given_up on mails (state, updated_at)
    where state in ('failed', 'expired', 'bounced', 'complained');

create table suppressions (
    mailbox bytea primary key,
    reason text not null,
    mail_id uuid not null,
    user_id uuid references users on delete cascade,
    suppressed_at timestamptz not null,
    constraint suppressions_reason_known check (reason in ('bounced', 'complained'))
);
comment on table suppressions is 'Mailboxes that get no email until an administrator lifts it, because an email to them bounced or was complained about.';
comment on column suppressions.mailbox is 'Keyed hash of the address: the table does not tell whose addresses it has.';
comment on column suppressions.mail_id is 'The email that was reported. No foreign key: the ledger is deleted earlier.';
comment on column suppressions.user_id is 'The account that had the address; null if the email went to an invited or a future address.';
create index suppressions_by_mail on suppressions (mail_id);
create index suppressions_by_user on suppressions (user_id) where user_id is not null;
create index suppressions_without_account on suppressions (suppressed_at) where user_id is null;
