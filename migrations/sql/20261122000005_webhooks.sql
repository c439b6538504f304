create table webhooks (
    webhook_id uuid primary key,
    url text not null,
    description text not null,
    types text[] not null,
    generation integer not null default 1,
    rotated_at timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    failing_since timestamptz,
    last_failed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhooks_disabled_with_reason check ((disabled_at is null) = (disabled_reason is null)),
    constraint webhooks_reason_known check (disabled_reason in ('by_admin', 'gone', 'failing'))
);
comment on table webhooks is 'Endpoints of other services that receive events. Their secrets are derived from WEBHOOK_KEY and never stored.';
comment on column webhooks.types is 'The event types that are sent; empty for all.';
comment on column webhooks.generation is 'The number of the current secret; the previous one signs beside it for a while after rotated_at.';
comment on column webhooks.failing_since is 'When the first delivery failed since the last successful one.';
comment on column webhooks.last_failed_at is 'When a delivery last failed. A failure before a long silence says nothing about the endpoint today.';

create table webhook_deliveries (
    delivery_id uuid primary key,
    webhook_id uuid not null references webhooks on delete cascade,
    event_id uuid not null,
    type text not null,
    body text not null,
    state text not null default 'pending',
    round integer not null default 1,
    attempts integer not null default 0,
    status integer,
    error text,
    next_try_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_deliveries_once unique (webhook_id, event_id),
    constraint webhook_deliveries_state_known check (state in ('pending', 'delivered', 'failed'))
);
comment on table webhook_deliveries is 'Deliveries of events to webhooks, and their states.';
comment on column webhook_deliveries.body is 'The body, the same bytes in every attempt.';
comment on column webhook_deliveries.round is 'How often the delivery was requested: jobs of an earlier round do nothing.';
comment on column webhook_deliveries.attempts is 'Attempts in this round.';
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, delivery_id);
create index webhook_deliveries_pending on webhook_deliveries (updated_at) where state = 'pending';
create index webhook_deliveries_by_age on webhook_deliveries (updated_at);
