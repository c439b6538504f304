create table invitations (
    email_key text primary key,
    email text not null,
    link_id uuid not null references links on delete cascade,
    role text not null,
    actor_id uuid references users on delete cascade,
    invited_at timestamptz not null,
    constraint invitations_link_once unique (link_id),
    constraint invitations_role_known check (role in ('user', 'admin'))
);
comment on table invitations is 'Addresses that were invited and have not accepted yet: one row per address, the newest invitation. Gone with its link.';
comment on column invitations.actor_id is 'Who invited, and must still be an administrator when it is accepted; null for the command line.';
