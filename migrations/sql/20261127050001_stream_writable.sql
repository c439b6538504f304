alter table streams add column unwritable_since timestamptz;
comment on column streams.unwritable_since is 'Since when NATS answers but does not write the stream; null while it does.';
