//! What most tables import.

pub(super) use chrono::{DateTime, Utc};

pub(super) use crate::{
    App, Error, Refusal, Result,
    administrator::Administrator,
    app::{Actor, Tx},
    events::Event,
    origin::Origin,
};
