create table email_changes (
    change_id uuid primary key,
    position bigint generated always as identity,
    user_id uuid not null references users on delete cascade,
    session_id uuid not null,
    old_email text not null,
    old_email_key text not null,
    new_email text not null,
    new_email_key text not null,
    asked_at timestamptz not null
);
comment on table email_changes is 'Changes of address that were asked for; kept as long as one of their links.';
comment on column email_changes.position is 'Drawn under the user''s row lock: tells which of two changes was asked for first.';
comment on column email_changes.session_id is 'Who asked: the one session that outlives the change.';
create index email_changes_by_user on email_changes (user_id);

alter table links add column change_id uuid references email_changes on delete cascade;
comment on column links.change_id is 'The change of address that the link confirms or undoes.';
create index links_by_change on links (change_id) where change_id is not null;
alter table links drop constraint links_purpose_known;
alter table links add constraint links_purpose_known check (
    purpose in ('verify_email', 'reset_password', 'confirm_email_change', 'undo_email_change',
                'accept_invitation')
);

alter table mails add column email text;
comment on column mails.email is 'Where it goes, fixed when it is planned; wiped when it is accepted or given up.';
