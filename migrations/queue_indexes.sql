-- Our indexes on the table of apalis. They are partial: a completed job has one entry in them. One
-- process at a time checks whether they exist.
--
-- The kind of a job is in its metadata, because apalis reads its rows by position: a column of ours
-- between two of its own would break its next release.
--
-- Every change of a job writes to every index, so duplicate indexes are dropped. Two other things of
-- apalis cost more than they bring. With an index of all jobs by worker, Postgres reads every job that a
-- worker has ever completed to find the few it runs now. And a foreign key keeps dead workers.
select pg_advisory_xact_lock(hashtext('keyward.queue_indexes'));

drop index if exists apalis.unique_job_id, apalis.lidx, apalis.idx_apalis_jobs_lock_by,
    apalis.jobs_by_error, apalis.jobs_dead, apalis.jobs_done;
do $$
begin
    -- Only if it exists, because dropping it locks the table.
    if exists (select from pg_constraint where conname = 'fk_worker_lock_by') then
        alter table apalis.jobs drop constraint fk_worker_lock_by;
    end if;
end
$$;

create index if not exists jobs_under_way on apalis.jobs (lock_by)
    where status in ('Queued', 'Running');
create index if not exists jobs_open_by_kind
    on apalis.jobs (coalesce(metadata -> 'kind', job_type), run_at, id)
    where status in ('Pending', 'Failed') and (status = 'Pending' or attempts < max_attempts);
create index if not exists jobs_dead_by_kind
    on apalis.jobs (coalesce(metadata -> 'kind', job_type), done_at desc, id desc)
    where (status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
          and not coalesce(metadata ? 'discarded_at', false);
create index if not exists jobs_completed_by_kind
    on apalis.jobs (coalesce(metadata -> 'kind', job_type), done_at desc, id desc)
    where status = 'Done';
-- A completed job has no error to search, even if earlier attempts failed.
create index if not exists jobs_by_last_error on apalis.jobs
    using gin ((metadata -> 'last_error') gin_trgm_ops)
    where status <> 'Done' and metadata ? 'last_error';
