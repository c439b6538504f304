create table outbox (
    position bigint generated always as identity primary key,
    event_id uuid not null,
    user_id uuid,
    subject text not null,
    envelope json not null,
    occurred_at timestamptz not null,
    published_at timestamptz,
    constraint outbox_event_once unique (event_id)
);
comment on table outbox is 'Events, written in the transaction that made them true; kept for days after publishing.';
comment on column outbox.position is 'Drawn under the user''s row lock: one user''s events are in order.';
create index outbox_unpublished on outbox (position) where published_at is null;
create index outbox_by_user on outbox (user_id, position);

create table inbox (
    event_id uuid primary key,
    received_at timestamptz not null
);
comment on table inbox is 'Events whose jobs exist. Kept for ever: an event takes effect once, however often it comes.';

create table dead_letters (
    dead_letter_id uuid primary key,
    subject text not null,
    payload bytea not null,
    reason text not null,
    received_at timestamptz not null
);
comment on table dead_letters is 'Messages of the stream that could not be read, with the reason.';
