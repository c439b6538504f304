//! The event pipeline: outbox, stream, queues and SMTP relay, for every event and every email.
//! Module `jobs` tests single jobs.

mod bounce_listener;
mod bounces;
mod consumer;
mod dead;
mod delivery;
mod delivery_faults;
mod delivery_replies;
mod delivery_tls;
mod ledger;
mod mail_dns;
mod mail_doctor;
mod maintenance;
mod parked;
mod queue;
mod reconcile;
mod relay;
mod replay;
mod restore;
mod unwritable;
