alter table users add column password_reset_at timestamptz;
comment on column users.password_reset_at is 'When a password was last set through an emailed link: for a day the right one gets in from every network.';
comment on column users.password_hash is 'Null after a reset was forced, a change of address was undone, or an unverified address was registered with different passwords: a new password is set through the mailbox.';
