-- Statistics, errors and pauses go by the kind of a job; a queue can execute several kinds.
alter table queue_minutes rename column queue to kind;
alter table queue_minutes rename column done to completed;
-- The buckets have changed: what was counted before is not comparable.
truncate queue_minutes;
comment on table queue_minutes is 'Attempts of each minute by kind of job. Every worker adds its own every few seconds.';
comment on column queue_minutes.failed is 'Failed attempts that another one follows.';
comment on column queue_minutes.dead is 'Attempts that ended with a dead job.';
comment on column queue_minutes.run_times is 'Durations of attempts: how many fell into each bucket of the metric keyward_job_seconds.';
comment on column queue_minutes.latencies is 'Times from the event to the completion of its job, likewise.';

alter table job_attempts rename column queue to kind;
comment on table job_attempts is 'Failed attempts. A completed attempt has no row.';
comment on column job_attempts.error_class is 'The error without ids and numbers: the same for errors of one cause.';

comment on table queue_pauses is 'Paused queues and kinds of jobs. Every worker reads them once a second.';
comment on column queue_pauses.queue is 'A queue or a kind of job.';

alter table operator_acts rename to operator_actions;
alter table operator_actions rename column act_id to action_id;
alter table operator_actions rename column acted_at to started_at;
alter table operator_actions rename column act to action;
comment on table operator_actions is 'The audit log of operators: each action is recorded before it starts.';
comment on column operator_actions.target is 'A job, a queue, a kind, an event, or the filter of many jobs.';
comment on column operator_actions.ended_at is 'Empty while the action is running, and for good if it was interrupted.';
comment on column operator_actions.counted_at is 'When the action last reported progress.';
