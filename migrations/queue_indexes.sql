-- Indexes of ours on the table of the job queue, which it makes itself. Partial: a job that is done
-- costs one entry. One process at a time may look whether they are there.
--
-- Every change of a job writes to every index that there is, so those go that stand there twice.
-- Two others are worse than useless. An index of all jobs by worker, done ones too, is taken by
-- Postgres to find the few that a worker has just done: it then reads all that the worker has ever
-- done. And a foreign key on the worker keeps workers that are long gone.
select pg_advisory_xact_lock(hashtext('keyward.queue_indexes'));

drop index if exists apalis.unique_job_id, apalis.lidx, apalis.idx_apalis_jobs_lock_by,
    apalis.jobs_by_error;
do $$
begin
    -- Only if it is there: it locks the table.
    if exists (select from pg_constraint where conname = 'fk_worker_lock_by') then
        alter table apalis.jobs drop constraint fk_worker_lock_by;
    end if;
end
$$;

create index if not exists jobs_under_way on apalis.jobs (lock_by)
    where status in ('Queued', 'Running');
create index if not exists jobs_dead on apalis.jobs (job_type, done_at desc, id desc)
    where (status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
          and not coalesce(metadata ? 'dropped_at', false);
create index if not exists jobs_done on apalis.jobs (job_type, done_at desc, id desc)
    where status = 'Done';
-- What failed and is done all the same has no error to be found by.
create index if not exists jobs_by_last_error on apalis.jobs
    using gin ((metadata -> 'last_error') gin_trgm_ops)
    where status <> 'Done' and metadata ? 'last_error';
