//! Where Keyward's own programs listen.

use std::net::SocketAddr;

use anyhow::Result;
use keyward_stack::ports::Ports;

use crate::commands::variable;

/// What the programs are told, and how to reach them.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// `API_ADDR`.
    pub(crate) api_listens: String,
    /// `OPS_ADDR`.
    pub(crate) ops_listens: String,
    /// `API_OPS_ADDR`.
    pub(crate) api_ops_listens: String,
    /// `PUBLIC_URL`: where links in mails lead.
    pub(crate) public_url: String,
    /// Where the API is reached from this machine.
    pub(crate) api: String,
    /// Where the operations board is reached from this machine.
    pub(crate) ops: String,
    /// Where the API's metrics are reached from this machine.
    pub(crate) api_ops: String,
}

impl Addresses {
    /// Takes what our environment says, and free ports for the rest: the usual ones if they are
    /// free the first time, the same ones ever after.
    pub(crate) fn choose(ports: &mut Ports) -> Result<Self> {
        let mut address = |setting, name, usual| match variable(setting) {
            Some(set) => Ok(set),
            None => {
                let port = ports.claim(name, Some(usual))?;
                anyhow::Ok(format!("127.0.0.1:{port}"))
            }
        };
        let api_listens = address("API_ADDR", "api", 8080)?;
        let ops_listens = address("OPS_ADDR", "ops", 8081)?;
        let api_ops_listens = address("API_OPS_ADDR", "api-ops", 8082)?;
        let api = reachable(&api_listens);
        Ok(Self {
            public_url: variable("PUBLIC_URL").unwrap_or_else(|| format!("http://{api}")),
            ops: reachable(&ops_listens),
            api_ops: reachable(&api_ops_listens),
            api,
            api_listens,
            ops_listens,
            api_ops_listens,
        })
    }
}

/// A program that listens everywhere is reached through the loopback.
fn reachable(listens: &str) -> String {
    match listens.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_unspecified() => format!("127.0.0.1:{}", address.port()),
        _ => listens.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_reached_through_the_loopback() {
        assert_eq!(reachable("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("192.0.2.7:8080"), "192.0.2.7:8080");
        assert_eq!(reachable("localhost:8080"), "localhost:8080");
    }
}
