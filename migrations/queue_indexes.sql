-- Indexes of ours on the table of the job queue, which it makes itself. Partial: a job that is done
-- costs one entry. One process at a time may look whether they are there.
select pg_advisory_xact_lock(hashtext('keyward.queue_indexes'));

create index if not exists jobs_running on apalis.jobs (job_type, lock_at)
    where status in ('Queued', 'Running');
create index if not exists jobs_dead on apalis.jobs (job_type, done_at desc, id desc)
    where (status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
          and not coalesce(metadata ? 'dropped_at', false);
create index if not exists jobs_done on apalis.jobs (job_type, done_at desc, id desc)
    where status = 'Done';
create index if not exists jobs_by_error on apalis.jobs
    using gin ((metadata -> 'last_error') gin_trgm_ops) where metadata ? 'last_error';
