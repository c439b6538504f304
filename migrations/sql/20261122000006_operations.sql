create table queue_pauses (
    queue text primary key,
    paused_by text not null,
    paused_at timestamptz not null default now()
);
comment on table queue_pauses is 'Paused queues and kinds of jobs. Every worker reads them once a second.';
comment on column queue_pauses.queue is 'A queue or a kind of job.';

-- Statistics and errors go by the kind of a job; a queue can execute several kinds.
create table queue_minutes (
    kind text not null,
    minute timestamptz not null,
    completed bigint not null default 0,
    failed bigint not null default 0,
    dead bigint not null default 0,
    run_times bigint[] not null,
    latencies bigint[] not null,
    primary key (kind, minute)
);
comment on table queue_minutes is 'Attempts of each minute by kind of job. Every worker adds its own every few seconds.';
comment on column queue_minutes.failed is 'Failed attempts that another one follows.';
comment on column queue_minutes.dead is 'Attempts that ended with a dead job.';
comment on column queue_minutes.run_times is 'Durations of attempts: how many fell into each bucket of the metric keyward_job_seconds.';
comment on column queue_minutes.latencies is 'Times from the event to the completion of its job, likewise.';
create index queue_minutes_by_age on queue_minutes (minute);

create table job_attempts (
    position bigint generated always as identity primary key,
    job_id text not null,
    kind text not null,
    attempt integer not null,
    failed_at timestamptz not null default now(),
    run_ms integer not null,
    error text not null,
    error_class text not null
);
comment on table job_attempts is 'Failed attempts. A completed attempt has no row.';
comment on column job_attempts.error_class is 'The error without ids and numbers: the same for errors of one cause.';
create index job_attempts_by_job on job_attempts (job_id, position);
create index job_attempts_by_age on job_attempts (failed_at);

create table worker_processes (
    process_id uuid primary key,
    host text not null,
    pid bigint not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null
);
comment on table worker_processes is 'Processes of the worker, and when each was last seen alive.';

create table operator_actions (
    action_id uuid primary key,
    started_at timestamptz not null default now(),
    operator text not null,
    via text not null,
    action text not null,
    target text not null,
    affected bigint not null default 0,
    ended_at timestamptz,
    counted_at timestamptz,
    constraint operator_actions_via_known check (via in ('board', 'command line'))
);
comment on table operator_actions is 'The audit log of operators: each action is recorded before it starts.';
comment on column operator_actions.target is 'A job, a queue, a kind, an event, or the filter of many jobs.';
comment on column operator_actions.ended_at is 'Empty while the action is running, and for good if it was interrupted.';
comment on column operator_actions.counted_at is 'When the action last reported progress.';
