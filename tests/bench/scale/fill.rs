//! Fills a database: accounts, and what belongs to them in proportion.

use chrono::{Days, Utc};
use keyward_core::pipeline::outbox::partitions;
use keyward_tests::World;

/// Inserts accounts with one password, and for each of them three sessions, two emails, ten events of
/// the last six days, one job and one webhook delivery.
pub(crate) async fn fill(world: &World, accounts: u64) {
    let mut sql = world.app.write.acquire().await.unwrap();
    for day in 0..7 {
        partitions::create(&mut sql, Utc::now() - Days::new(day)).await.unwrap();
    }
    drop(sql);
    let user = "('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid";
    let at = format!("now() - interval '6 days' * (1 - n::float8 / {accounts})");
    let id = |kind: u8| format!("scale_id({at}, {kind}, n)");
    let people = format!("generate_series(1, {accounts}) as n");
    for statement in [
        "create function scale_id(at timestamptz, kind int, n bigint) returns uuid
         language sql immutable parallel safe as $$
             select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
                     || '7' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid $$"
            .to_owned(),
        "alter table apalis.jobs disable trigger user".to_owned(),
        format!(
            "insert into users (user_id, email, email_key, email_verified_at, password_hash,
                                display_name, status, created_at)
             select {user}, 'person-' || n || '@example.org', 'person-' || n || '@example.org', {at},
                    (select password_hash from users where role = 'user' limit 1),
                    'Person Number ' || n, case when n % 100 = 0 then 'disabled' else 'active' end, {at}
             from {people}"
        ),
        format!(
            "insert into sessions (session_id, user_id, secret, rotated_at, created_at, last_used_at,
                                   expires_at, ip, ended_at, ended_reason)
             select scale_id({at}, nth, n), {user}, decode(repeat('ab', 32), 'hex'), {at}, {at}, {at},
                    {at} + interval '90 days', '192.0.2.1', case when nth < 2 then {at} end,
                    case when nth < 2 then 'logout' end
             from {people}, generate_series(0, 2) as nth"
        ),
        format!(
            "insert into links (link_id, purpose, user_id, created_at, expires_at, used_at)
             select {}, 'verify_email', {user}, {at}, {at} + interval '1 day', {at} from {people}",
            id(3)
        ),
        format!(
            "insert into mails (mail_id, kind, user_id, asked_at, state, attempts, reply, updated_at)
             select scale_id({at}, 4 + nth, n), 'verification', {user}, {at}, 'accepted', 1,
                    '250 2.0.0 queued', {at}
             from {people}, generate_series(0, 1) as nth"
        ),
        format!(
            // As if many transactions had written them: the planner estimates pages of the log by that.
            "insert into outbox (event_id, user_id, subject, envelope, occurred_at, transaction)
             select scale_id({at}, 6 + nth, n), {user}, 'user.registered',
                    json_build_object('event_id', scale_id({at}, 6 + nth, n), 'occurred_at', {at},
                        'trace', json_build_object('request_id', 'request-' || n, 'traceparent',
                            '00-' || lpad(to_hex(n), 32, '0') || '-00000000000000aa-01'),
                        'type', 'user.registered', 'data', json_build_object(
                            'user_id', {user}, 'version', 1, 'mail_id', {})),
                    {at}, (latest * n / {accounts})::text::xid8
             from {people}, generate_series(0, 9) as nth,
                  (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) as horizon (latest)",
            id(4)
        ),
        format!(
            "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                      lock_at, done_at, priority, idempotency_key, metadata)
             select (select substr(apalis.generate_ulid(), 1, 10)) || lpad(upper(to_hex(n)), 16, '0'),
                    'email', convert_to(json_build_object('job', json_build_object('mail_id', {}),
                        'event_id', {}, 'trace', json_build_object('request_id', 'request-' || n,
                        'traceparent', ''))::text, 'UTF8'),
                    'Done', 1, 40, {at}, {at} + interval '8 ms', {at} + interval '50 ms', 0,
                    {} || '/0', hstore('kind', 'verification-email')
             from {people}",
            id(4),
            id(6),
            id(6)
        ),
        "insert into webhooks (webhook_id, url, description, types, created_at, updated_at)
         select gen_random_uuid(), 'https://example.org/' || n, '', '{user.deleted}', now(), now()
         from generate_series(1, 3) as n"
            .to_owned(),
        format!(
            "insert into webhook_deliveries (delivery_id, webhook_id, event_id, type, body, state,
                                             attempts, status, created_at, updated_at)
             select {}, (select webhook_id from webhooks limit 1), {}, 'user.registered', '{{}}',
                    'delivered', 1, 200, {at}, {at}
             from {people}",
            id(16),
            id(6)
        ),
        "alter table apalis.jobs enable trigger user".to_owned(),
        "vacuum analyze".to_owned(),
    ] {
        world.sql(&statement).await;
    }
}
