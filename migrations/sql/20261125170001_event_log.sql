alter table outbox add column transaction xid8 not null default pg_current_xact_id();
comment on column outbox.transaction is 'Who wrote it. Positions become visible out of order while transactions are in flight; what is older than the oldest of these is complete.';
create index outbox_by_transaction on outbox (transaction, position);

create table outbox_pruned (
    is_the_row boolean primary key default true,
    transaction xid8 not null,
    position bigint not null,
    constraint outbox_pruned_one_row check (is_the_row)
);
comment on table outbox_pruned is 'The last event in the order of the log that was removed from the outbox: a reader who has not come so far has missed something.';
