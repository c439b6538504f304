//! The stored ends of the event pipeline: outbox, dead letters and the webhook fan-out.

pub mod dead_letters;
pub mod outbox;
pub mod webhook_fanout;
