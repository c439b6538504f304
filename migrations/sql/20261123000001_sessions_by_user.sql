create index sessions_by_user on sessions (user_id);
comment on index sessions_by_user is 'Finds ended sessions, too: where an account has been at home.';
