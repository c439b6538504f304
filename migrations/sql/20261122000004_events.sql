create sequence outbox_position;

-- Append-only: rows are inserted, and disappear with their partition.
create table outbox (
    event_id uuid primary key,
    position bigint not null default nextval('outbox_position'),
    user_id uuid,
    subject text not null,
    envelope json not null,
    occurred_at timestamptz not null,
    transaction xid8 not null default pg_current_xact_id()
) partition by range (event_id);
comment on table outbox is 'Events, written in the transaction that made them true; the relay publishes them. An id begins with its time, so each partition has the events of a day.';
comment on column outbox.position is 'Drawn under the lock of the account: the events of one account are in order.';
comment on column outbox.transaction is 'The transaction that wrote it. Positions become visible out of order while transactions run; events of transactions older than the oldest running one are complete.';
alter sequence outbox_position owned by outbox.position;
create index outbox_by_position on outbox (position);
create index outbox_by_user on outbox (user_id, position);
create index outbox_by_transaction on outbox (transaction, position);
create index outbox_by_type on outbox (subject, transaction, position);
create index outbox_by_request on outbox ((envelope -> 'trace' ->> 'request_id'));

create table outbox_default partition of outbox default;
comment on table outbox_default is 'Events without a partition of their day: a clock was wrong, or no worker has created it.';

-- Every event is here between two commits, so the table stays small and its rows are short-lived.
create table outbox_pending (
    event_id uuid primary key,
    position bigint not null,
    generation integer not null default 0,
    parked_by bigint,
    parked_because text,
    constraint outbox_pending_parked_with_reason check ((parked_by is null) = (parked_because is null))
) with (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
);
comment on table outbox_pending is 'Events without an effect so far. The transaction that inserts the jobs of an event deletes its row: an event takes effect once, however often it is delivered.';
comment on column outbox_pending.generation is 'The generation of the stream that it was published to; 0 before.';
comment on column outbox_pending.parked_by is 'The catalogue of the release that could not read it; a release with another one tries again.';
comment on column outbox_pending.parked_because is 'Why it could not.';
create index outbox_pending_to_publish on outbox_pending (generation desc, position);
create index outbox_pending_parked on outbox_pending (parked_by, position) where parked_by is not null;

create table outbox_pruned (
    is_the_row boolean primary key default true,
    transaction xid8 not null,
    position bigint not null,
    constraint outbox_pruned_one_row check (is_the_row)
);
comment on table outbox_pruned is 'The last event, in the order of the log, that disappeared from the outbox: a reader with an older cursor has missed events.';

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
    generation integer not null,
    refill_after bigint,
    refill_up_to bigint,
    lost_up_to bigint not null default 0,
    unwritable_since timestamptz,
    constraint streams_refill check ((refill_after is null) = (refill_up_to is null))
);
comment on table streams is 'The last known state of the stream: detects a store that was wiped or restored from an old copy.';
comment on column streams.created_ns is 'When NATS created the stream, in nanoseconds since 1970: another value is another stream.';
comment on column streams.last_sequence is 'The last acknowledged message: a stream that ends before it has lost messages.';
comment on column streams.generation is 'Grows when the stream has lost messages: events without an effect that were published to an earlier generation are published again.';
comment on column streams.refill_after is 'Events after this position are published again for other readers of the stream; null when this is done.';
comment on column streams.refill_up_to is 'The last of these events.';
comment on column streams.lost_up_to is 'Messages up to this one that the outbox does not know are accepted as lost: this database was restored from a backup.';
comment on column streams.unwritable_since is 'Since when NATS answers but does not write the stream; null while it does.';

-- A partition belongs to a day, and is emptied and used again four days later.
create table idempotency_records (
    key bytea not null,
    day smallint not null,
    request bytea not null,
    output json not null,
    created_at timestamptz not null,
    primary key (key, day)
) partition by list (day);
comment on table idempotency_records is 'What commands resulted in whose requests had an Idempotency-Key, written in their transactions: one key is one effect. Kept for 24 hours.';
comment on column idempotency_records.key is 'Keyed hash of the key and its caller.';
comment on column idempotency_records.day is 'The number of the day modulo 4. Within a minute of midnight (UTC), a record belongs to both days.';
comment on column idempotency_records.request is 'Keyed hash of the request and its key: another request with the key is refused.';
comment on column idempotency_records.output is 'What the answer is made from: ids and times, no personal data, no secret.';

create table idempotency_records_0 partition of idempotency_records for values in (0);
create table idempotency_records_1 partition of idempotency_records for values in (1);
create table idempotency_records_2 partition of idempotency_records for values in (2);
create table idempotency_records_3 partition of idempotency_records for values in (3);
comment on table idempotency_records_0 is 'The records of every fourth day.';
comment on table idempotency_records_1 is 'Likewise.';
comment on table idempotency_records_2 is 'Likewise.';
comment on table idempotency_records_3 is 'Likewise.';
