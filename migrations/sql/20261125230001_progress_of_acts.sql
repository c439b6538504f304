alter table operator_acts add column counted_at timestamptz;
comment on column operator_acts.counted_at is 'When the number changed last: what has not ended and is silent was interrupted.';
