alter table outbox
    add column stream_sequence bigint,
    add column publications integer not null default 0;
comment on column outbox.stream_sequence is 'Its place in the stream, as the acknowledgement said.';
comment on column outbox.publications is 'How often it was published before: a message that was lost goes out again under another id, or the stream would take it for a repetition.';
create index outbox_by_sequence on outbox (stream_sequence) where stream_sequence is not null;

create table streams (
    name text primary key,
    created_ns bigint not null,
    last_sequence bigint not null,
    refill_after bigint,
    refill_up_to bigint,
    constraint streams_refill check ((refill_after is null) = (refill_up_to is null))
);
comment on table streams is 'What was last seen of the stream: a store that was wiped, or an old copy of one, is known by it.';
comment on column streams.created_ns is 'When the stream was made, in nanoseconds since 1970, as NATS says: another one is another stream.';
comment on column streams.last_sequence is 'The last message that was acknowledged: a stream that ends before it has lost some.';
comment on column streams.refill_after is 'Events behind this position are to be published again, for whoever else reads the stream; null when that is done.';
comment on column streams.refill_up_to is 'The last of them.';

alter table dead_letters add column event_id uuid;
comment on column dead_letters.event_id is 'The event, if the message named one that can be read.';
create unique index dead_letters_by_event on dead_letters (event_id) where event_id is not null;
