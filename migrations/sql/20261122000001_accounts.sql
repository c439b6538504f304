create extension if not exists pg_trgm;

create table users (
    user_id uuid primary key,
    email text not null,
    email_key text not null,
    email_verified_at timestamptz,
    password_hash text,
    password_reset_at timestamptz,
    display_name text not null,
    role text not null default 'user',
    status text not null default 'active',
    locale text not null default 'en',
    avatar_upload_id uuid,
    version bigint not null default 1,
    created_at timestamptz not null,
    search_text text not null generated always as (lower(email || e'\n' || display_name)) stored,
    constraint users_email_taken unique (email_key),
    constraint users_role_known check (role in ('user', 'admin')),
    constraint users_status_known check (status in ('active', 'disabled'))
);
comment on table users is 'Accounts. The lock of a row puts everything that happens to the account into one order.';
comment on column users.email is 'As typed, with the domain in lower-case ASCII: where email is delivered.';
comment on column users.email_key is 'How addresses are compared: one mailbox, one key, one account.';
comment on column users.locale is 'The language of emails to the account and of its pages: the tag (BCP 47) of one that was shipped when it was set.';
comment on column users.avatar_upload_id is 'The upload whose renditions are shown; null for the default picture.';
comment on column users.password_hash is 'Null after a reset was forced, a change of address was undone, or an unverified address was registered with different passwords: a new password is set through the mailbox.';
comment on column users.password_reset_at is 'When a password was last set through an emailed link: for a day the right one gets in from every network.';
comment on column users.version is 'Grows by one with every change; events and cached copies carry it.';
comment on column users.search_text is 'What administrators search: address and name in lower case, separated by a character that neither contains.';
-- Without a pending list a search takes the same time after many registrations.
create index users_by_search on users using gin (search_text gin_trgm_ops) with (fastupdate = off);
create index users_administrators on users (user_id) where role = 'admin';
create index users_disabled on users (user_id) where status = 'disabled';

create table status_changes (
    user_id uuid not null references users on delete cascade,
    version bigint not null,
    status text not null,
    reason text,
    actor_id uuid,
    changed_at timestamptz not null,
    primary key (user_id, version),
    constraint status_changes_status_known check (status in ('active', 'disabled'))
);
comment on table status_changes is 'Why administrators disabled and enabled accounts. The reason may be personal, so no event carries it.';
comment on column status_changes.version is 'The version of the account after the change.';
comment on column status_changes.actor_id is 'The administrator; null for the command line. No foreign key: the row outlives the administrator.';

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
comment on column sessions.secret is 'Half of the key of this session''s refresh tokens; useless without SESSION_KEY.';
comment on column sessions.generation is 'The number of the current refresh token.';
comment on column sessions.expires_at is 'The end of the absolute lifetime, however often the session is refreshed.';
create index sessions_alive_by_user on sessions (user_id) where ended_at is null;
create index sessions_by_user on sessions (user_id);
create index sessions_ended on sessions (ended_at) where ended_at is not null;
comment on index sessions_by_user is 'Also finds ended sessions: the known networks of an account.';

create table service_tokens (
    service_token_id uuid primary key,
    name text not null,
    scopes text[] not null,
    secret bytea not null,
    generation integer not null default 1,
    previous_until timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null,
    created_by uuid,
    rotated_at timestamptz,
    last_used_at timestamptz,
    last_used_network inet,
    revoked_at timestamptz,
    constraint service_tokens_secret_size check (octet_length(secret) = 32)
);
comment on table service_tokens is 'Credentials of services. The tokens are derived from the rows and never stored.';
comment on column service_tokens.secret is 'Half of the key of the token; useless without SESSION_KEY.';
comment on column service_tokens.generation is 'The number of the current secret. The previous one works beside it until previous_until.';
comment on column service_tokens.created_by is 'The administrator; null for the command line. No foreign key: the token outlives the administrator.';
comment on column service_tokens.last_used_at is 'Written at most once a minute.';
create index service_tokens_revoked on service_tokens (revoked_at) where revoked_at is not null;
