//! Seed data for the board: hundreds of thousands of events, jobs and emails, inserted in seconds.

use crate::World;

/// The number of jobs in each state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seed {
    pub completed: u32,
    pub available: u32,
    pub scheduled: u32,
    pub dead: u32,
}

impl Seed {
    /// The jobs of a quiet day: one in a hundred is not completed.
    #[must_use]
    pub const fn quiet(jobs: u32) -> Self {
        let few = jobs / 200;
        Self { completed: jobs - 2 * few, available: 0, scheduled: few, dead: few }
    }
}

impl World {
    /// Inserts the seed data and pauses every queue with available jobs. Start workers afterwards: they
    /// would run the jobs.
    pub async fn seed(&self, seed: Seed) {
        let Seed { completed, available, scheduled, dead } = seed;
        let all = completed + available + scheduled + dead;
        for statement in [
            "alter table apalis.jobs disable trigger user".to_owned(),
            "insert into users (user_id, email, email_key, display_name, created_at)
             select ('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                    'person-' || n || '@example.org', 'person-' || n || '@example.org', 'Person',
                    now()
             from generate_series(0, 999) as n"
                .to_owned(),
            format!(
                "create table past as
                 select n, kind, now() - (({all} - n)::float8 / {all}) * interval '6 days' as at,
                        case when n <= {completed} then 'completed'
                             when n <= {completed} + {available} then 'available'
                             when n <= {completed} + {available} + {scheduled} then 'scheduled'
                             else 'dead' end as state,
                        ('019a0000-0000-7000-8000-' || lpad((n % 1000)::text, 12, '0'))::uuid
                            as user_id,
                        (array['451 4.7.1 greylisted, come back later', '550 5.1.1 no such mailbox',
                               'connection refused', '554 5.7.1 blocked by policy'])[1 + n % 4] as error
                 from (select n, (array['verification-email', 'password-reset-email',
                                        'cache-invalidation', 'webhook-delivery',
                                        'invitation-email'])[1 + n % 5] as kind
                       from generate_series(1, {all}) as n) as numbers"
            ),
            "alter table past add column event_id uuid, add column mail_id uuid".to_owned(),
            "create function past_id(at timestamptz, kind int, n bigint) returns uuid language sql as $$
                 select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
                         || '7' || lpad(to_hex(kind), 3, '0') || '8'
                         || lpad(to_hex(n), 15, '0'))::uuid $$"
                .to_owned(),
            "update past set mail_id = past_id(at, 0, n), event_id = past_id(at, 1, n)".to_owned(),
            "insert into outbox (event_id, user_id, subject, envelope, occurred_at)
             select event_id, user_id, 'user.registered',
                    json_build_object('event_id', event_id, 'occurred_at', at,
                        'trace', json_build_object('request_id', 'request-' || n, 'traceparent',
                            '00-' || lpad(to_hex(n), 32, '0') || '-00000000000000aa-01'),
                        'type', 'user.registered', 'data', json_build_object(
                            'user_id', user_id, 'version', 1, 'mail_id', mail_id)),
                    at
             from past"
                .to_owned(),
            "insert into mails (mail_id, kind, user_id, asked_at, state, attempts, reply, updated_at)
             select mail_id, 'verification', user_id, at,
                    case state when 'completed' then 'accepted' when 'dead' then 'failed'
                               when 'available' then 'planned' else 'deferred' end, 1,
                    case state when 'completed' then '250 2.0.0 queued' when 'available' then null
                               else error end, at
             from past where kind like '%-email'"
                .to_owned(),
            "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, lock_at,
                                      done_at, priority, idempotency_key, metadata)
             select (select substr(apalis.generate_ulid(), 1, 10)) || lpad(upper(to_hex(n)), 16, '0'),
                    case when kind like '%-email' then 'email' else kind end,
                    convert_to(json_build_object('job', json_build_object('mail_id', mail_id),
                        'event_id', event_id, 'trace', json_build_object('request_id',
                        'request-' || n, 'traceparent', ''))::text, 'UTF8'),
                    case state when 'completed' then 'Done' when 'dead' then 'Killed'
                               when 'available' then 'Pending' else 'Failed' end,
                    case state when 'available' then 0 when 'dead' then 40 else 1 end, 40,
                    case state when 'scheduled' then now() + (n % 3600) * interval '1 s'
                               else at end,
                    case when state <> 'available' then at + interval '8 ms' end,
                    case when state <> 'available' then at + interval '50 ms' end, 0, event_id || '/0',
                    hstore('kind', kind) || case when state in ('dead', 'scheduled') then
                        hstore(array['first_error', error, 'last_error', error]) else '' end
             from past"
                .to_owned(),
            "insert into job_attempts (job_id, kind, attempt, failed_at, run_ms, error, error_class)
             select id, metadata -> 'kind', 1, now() - (random() * interval '1 hour'), 40,
                    metadata -> 'last_error', metadata -> 'last_error'
             from apalis.jobs where metadata ? 'last_error' limit 20000"
                .to_owned(),
            format!(
                "insert into queue_minutes (kind, minute, completed, failed, dead, run_times, latencies)
                 select kind, date_trunc('minute', now()) - n * interval '1 minute',
                        (20 + 15 * sin(n / 7.0) + random() * 10)::bigint,
                        case when n % 9 = 0 then 3 else 0 end, case when n % 29 = 0 then 1 else 0 end,
                        array_fill(0::bigint, array[4]) || array[8, 14, 9, 4, 2, 1, 1]::bigint[]
                            || array_fill(0::bigint, array[9]),
                        array_fill(0::bigint, array[6]) || array[6, 12, 10, 6, 3 + n % 5, 2, 1]::bigint[]
                            || array_fill(0::bigint, array[7])
                 from unnest(array['verification-email', 'password-reset-email', 'cache-invalidation'])
                      as kind cross join generate_series(0, 59) as n where {all} >= 1000"
            ),
            "insert into queue_pauses (queue, paused_by)
             select distinct kind, 'ada' from past where state = 'available'"
                .to_owned(),
            "drop table past".to_owned(),
            "drop function past_id".to_owned(),
            "alter table apalis.jobs enable trigger user".to_owned(),
            "vacuum analyze".to_owned(),
        ] {
            self.sql(&statement).await;
        }
    }
}
