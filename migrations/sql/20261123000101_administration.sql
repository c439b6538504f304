create extension if not exists pg_trgm;

alter table users add column search_text text not null
    generated always as (lower(email || e'\n' || display_name)) stored;
comment on column users.search_text is 'What administrators search: address and name in lower case, with a character between them that neither has.';
-- Without a list of pending entries: a search takes the same time after many registrations.
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
comment on table status_changes is 'Why administrators disabled and enabled accounts. The reason may be personal: it is here and in no event.';
comment on column status_changes.version is 'The version of the account that the change left behind.';
comment on column status_changes.actor_id is 'Null for the command line. No reference: it outlives the administrator.';
