create table avatar_uploads (
    upload_id uuid primary key,
    user_id uuid not null references users on delete cascade,
    actor_id uuid,
    status text not null default 'processing',
    reason text,
    attempts integer not null default 0,
    created_at timestamptz not null,
    finished_at timestamptz,
    unused_since timestamptz,
    original_key text not null,
    key_512 text,
    key_256 text,
    key_64 text,
    constraint avatar_uploads_status_known check (status in ('processing', 'done', 'failed')),
    constraint avatar_uploads_failed_with_reason check ((status = 'failed') = (reason is not null)),
    constraint avatar_uploads_finished check ((status = 'processing') = (finished_at is null)),
    constraint avatar_uploads_failed_is_unused check (status <> 'failed' or unused_since is not null),
    constraint avatar_uploads_done_with_keys
        check ((status = 'done') = (key_512 is not null and key_256 is not null and key_64 is not null))
);
comment on table avatar_uploads is 'Pictures that administrators uploaded, and their states.';
comment on column avatar_uploads.user_id is 'The account that gets the picture.';
comment on column avatar_uploads.actor_id is 'The administrator who uploaded it; null for the command line.';
comment on column avatar_uploads.reason is 'Why it failed, written for the administrator.';
comment on column avatar_uploads.attempts is 'How often it was decoded: one that kills the decoding process each time fails.';
comment on column avatar_uploads.unused_since is 'Since when the account does not show it and never will; null while it is open or shown.';
create index avatar_uploads_by_user on avatar_uploads (user_id);
-- An account has one open upload at most: a newer one ends it.
create unique index avatar_uploads_open on avatar_uploads (user_id) where status = 'processing';
create index avatar_uploads_open_by_age on avatar_uploads (created_at) where status = 'processing';
create index avatar_uploads_unused on avatar_uploads (unused_since) where unused_since is not null;

create table blobs (
    key text primary key,
    upload_id uuid not null,
    check_at timestamptz
);
comment on table blobs is 'Every object in the blob store: inserted here before it is written there, deleted here after it is deleted there.';
comment on column blobs.upload_id is 'The upload it belongs to. No foreign key: objects of a deleted account are still to be deleted.';
comment on column blobs.check_at is 'When to check whether the object is in use; null while it is.';
create index blobs_by_upload on blobs (upload_id);
create index blobs_to_check on blobs (check_at) where check_at is not null;
