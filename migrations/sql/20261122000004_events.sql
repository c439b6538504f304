create table outbox (
    position bigint generated always as identity primary key,
    event_id uuid not null,
    user_id uuid,
    subject text not null,
    envelope json not null,
    occurred_at timestamptz not null,
    published_at timestamptz,
    stream_sequence bigint,
    publications integer not null default 0,
    transaction xid8 not null default pg_current_xact_id(),
    constraint outbox_event_once unique (event_id)
);
comment on table outbox is 'Events, written in the transaction that made them true; kept for days after they are published.';
comment on column outbox.position is 'Drawn under the lock of the account: the events of one account are in order.';
comment on column outbox.stream_sequence is 'The sequence of the message in the stream, from its acknowledgement.';
comment on column outbox.publications is 'How often it was published before. A lost message is published under another message id; otherwise the stream would drop it as a duplicate.';
comment on column outbox.transaction is 'The transaction that wrote it. Positions become visible out of order while transactions run; events of transactions older than the oldest running one are complete.';
create index outbox_unpublished on outbox (position) where published_at is null;
create index outbox_by_user on outbox (user_id, position);
create index outbox_by_sequence on outbox (stream_sequence) where stream_sequence is not null;
create index outbox_by_transaction on outbox (transaction, position);
create index outbox_by_request on outbox ((envelope -> 'trace' ->> 'request_id'));

create table outbox_pruned (
    is_the_row boolean primary key default true,
    transaction xid8 not null,
    position bigint not null,
    constraint outbox_pruned_one_row check (is_the_row)
);
comment on table outbox_pruned is 'The last event, in the order of the log, that was deleted from the outbox: a reader with an older cursor has missed events.';

create table inbox (
    event_id uuid primary key,
    received_at timestamptz not null
);
comment on table inbox is 'Events whose jobs exist. Kept forever: an event takes effect once, however often it is delivered.';

create table dead_letters (
    dead_letter_id uuid primary key,
    event_id uuid,
    subject text not null,
    payload bytea not null,
    reason text not null,
    received_at timestamptz not null
);
comment on table dead_letters is 'Messages of the stream that could not be read, with the reason.';
comment on column dead_letters.event_id is 'The event, if the message names one.';
create unique index dead_letters_by_event on dead_letters (event_id) where event_id is not null;

create table streams (
    name text primary key,
    created_ns bigint not null,
    last_sequence bigint not null,
    refill_after bigint,
    refill_up_to bigint,
    unwritable_since timestamptz,
    constraint streams_refill check ((refill_after is null) = (refill_up_to is null))
);
comment on table streams is 'The last known state of the stream: detects a store that was wiped or restored from an old copy.';
comment on column streams.created_ns is 'When NATS created the stream, in nanoseconds since 1970: another value is another stream.';
comment on column streams.last_sequence is 'The last acknowledged message: a stream that ends before it has lost messages.';
comment on column streams.refill_after is 'Events after this position are published again for other readers of the stream; null when this is done.';
comment on column streams.refill_up_to is 'The last of these events.';
comment on column streams.unwritable_since is 'Since when NATS answers but does not write the stream; null while it does.';
