//! What people type, judged by the properties of its characters (UAX #44, UTS #39) and not by lists of
//! our own.

pub(super) mod fold;
pub(super) mod look_alikes;
mod marks;
pub(super) mod properties;
mod sequences;
pub(super) mod visible;
