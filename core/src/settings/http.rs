//! What clients may take of the API: connections, bytes, time.

use std::time::Duration;

use super::reader::Reader;

/// What clients may take of the API: connections, bytes, time.
#[derive(Debug, Clone)]
pub struct Http {
    /// `HTTP_MAX_CONNECTIONS`: connections that are open at a time; default 1000. A newcomer gets
    /// the place of the one that has been idle longest.
    pub max_connections: usize,
    /// `HTTP_MAX_BODY_BYTES`: bytes of a body that is no file; default 64 KiB.
    pub max_body_bytes: usize,
    /// `HTTP_TIMEOUT_S`: seconds a client may take for the head of a request, or for its body, and
    /// be silent between two requests; default 30.
    pub timeout: Duration,
}

impl Http {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            max_connections: env.at_least("HTTP_MAX_CONNECTIONS", "1000", 1),
            max_body_bytes: env.at_least("HTTP_MAX_BODY_BYTES", "65536", 4_096),
            timeout: env.seconds("HTTP_TIMEOUT_S", "30"),
        }
    }
}
