create table queue_pauses (
    queue text primary key,
    paused_by text not null,
    paused_at timestamptz not null default now()
);
comment on table queue_pauses is 'Paused queues and kinds of job: no attempt starts until an operator resumes them. Every worker reads this once a second.';

create table queue_minutes (
    queue text not null,
    minute timestamptz not null,
    done bigint not null default 0,
    failed bigint not null default 0,
    dead bigint not null default 0,
    run_times bigint[] not null,
    latencies bigint[] not null,
    primary key (queue, minute)
);
comment on table queue_minutes is 'What the attempts of each minute came to: added up in the workers and written every few seconds, so that no page counts jobs.';
comment on column queue_minutes.failed is 'Attempts after which the job waits for another one.';
comment on column queue_minutes.dead is 'Attempts after which the job was dead.';
comment on column queue_minutes.run_times is 'How many attempts took how long, in classes that grow by the square root of two from 0.25 ms on.';
comment on column queue_minutes.latencies is 'The same for the time from the event until its job was done.';
create index queue_minutes_by_age on queue_minutes (minute);

create table job_attempts (
    position bigint generated always as identity primary key,
    job_id text not null,
    queue text not null,
    attempt integer not null,
    failed_at timestamptz not null default now(),
    run_ms integer not null,
    error text not null,
    error_class text not null
);
comment on table job_attempts is 'Attempts that failed, and why. One that succeeds writes nothing here.';
comment on column job_attempts.error_class is 'The error without the ids and numbers in it: what failed for the same reason has the same.';
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

create table operator_acts (
    act_id uuid primary key,
    acted_at timestamptz not null default now(),
    operator text not null,
    via text not null,
    act text not null,
    target text not null,
    affected bigint not null default 0,
    ended_at timestamptz,
    constraint operator_acts_via_known check (via in ('board', 'command line'))
);
comment on table operator_acts is 'What people did to queues and jobs: written before it is done, the number as it goes.';
comment on column operator_acts.target is 'One job, one queue, or the filter of many.';
comment on column operator_acts.ended_at is 'Null while it goes on, and for ever if it was interrupted.';
