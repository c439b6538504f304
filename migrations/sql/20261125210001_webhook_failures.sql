alter table webhooks add column last_failed_at timestamptz;
comment on column webhooks.last_failed_at is 'When a delivery failed last. What failed before a long silence says nothing about today.';
