create table users (
    user_id uuid primary key,
    email text not null,
    email_key text not null,
    email_verified_at timestamptz,
    password_hash text,
    display_name text not null,
    role text not null default 'user',
    status text not null default 'active',
    version bigint not null default 1,
    created_at timestamptz not null,
    constraint users_email_taken unique (email_key),
    constraint users_role_known check (role in ('user', 'admin')),
    constraint users_status_known check (status in ('active', 'disabled'))
);
comment on table users is 'Accounts. The row lock of a user orders everything that happens to it.';
comment on column users.email is 'As typed, the domain in lower-case ASCII: where mail is delivered.';
comment on column users.email_key is 'How addresses are compared: one mailbox, one key, one account.';
comment on column users.version is 'Grows by one with every change; carried by events and cached copies.';

create table sessions (
    session_id uuid primary key,
    user_id uuid not null references users on delete cascade,
    secret bytea not null,
    generation integer not null default 1,
    rotated_at timestamptz not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ip inet,
    user_agent text,
    ended_at timestamptz,
    ended_reason text,
    constraint sessions_secret_size check (octet_length(secret) = 32),
    constraint sessions_ended_with_reason check ((ended_at is null) = (ended_reason is null))
);
comment on table sessions is 'One row per login. Refresh tokens are derived from it and never stored.';
comment on column sessions.secret is 'Half of the key of this session''s refresh tokens; worthless without SESSION_KEY.';
comment on column sessions.generation is 'Number of the refresh token that is good now.';
comment on column sessions.expires_at is 'Absolute end, however often it is refreshed.';
create index sessions_alive_by_user on sessions (user_id) where ended_at is null;

create table links (
    link_id uuid primary key,
    purpose text not null,
    user_id uuid references users on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    renewed_at timestamptz,
    constraint links_purpose_known check (purpose in ('verify_email', 'reset_password'))
);
comment on table links is 'Links that were mailed. The token is derived from the id; none is stored.';
comment on column links.user_id is 'Null where the address had no account: unknown addresses cost the same work.';
create index links_by_end on links (expires_at);
create index links_open_by_user on links (user_id, purpose) where used_at is null and revoked_at is null;

create table mails (
    mail_id uuid primary key,
    kind text not null,
    user_id uuid references users on delete cascade,
    link_id uuid references links on delete set null,
    asked_at timestamptz not null,
    asked_ip inet,
    state text not null default 'planned',
    attempts integer not null default 0,
    reply text,
    next_try_at timestamptz,
    updated_at timestamptz not null,
    constraint mails_state_known check (
        state in ('planned', 'sending', 'accepted', 'deferred', 'failed', 'expired', 'suppressed')
    )
);
comment on table mails is 'The ledger of mails: what was promised and what the relay said. Never a body or a link.';
comment on column mails.mail_id is 'Also the left part of the Message-ID, so every attempt carries the same one.';
create index mails_by_user on mails (user_id);
create index mails_by_link on mails (link_id);
create index mails_unfinished on mails (state, updated_at)
    where state in ('planned', 'sending', 'deferred');
