//! the event pipeline: outbox, stream, inbox, queues, relay of mails. What holds for every event
//! and every mail; what a single job does is in `jobs`.

mod consumer;
mod dead;
mod delivery;
mod delivery_faults;
mod delivery_tls;
mod ledger;
mod mail_doctor;
mod queue;
mod reconcile;
mod relay;
mod replay;
