//! Addresses on which Keyward's programs listen.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result};
use keyward_stack::{console::note, ports::Ports};

use crate::commands::variable;

/// The settings of the programs, and where this machine reaches them.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// `API_ADDR`.
    pub(crate) api_listens: String,
    /// `OPS_ADDR`.
    pub(crate) ops_listens: String,
    /// `API_OPS_ADDR`.
    pub(crate) api_ops_listens: String,
    /// `PUBLIC_URL`: the origin of links in emails.
    pub(crate) public_url: String,
    /// Address of the API on this machine.
    pub(crate) api: String,
    /// Address of the operations board on this machine.
    pub(crate) ops: String,
    /// Address of the API's metrics on this machine.
    pub(crate) api_ops: String,
}

impl Addresses {
    /// Takes addresses from our environment. For the others it claims ports: the usual ones if they
    /// are free on the first start, and the same ones later.
    pub(crate) fn choose(ports: &mut Ports) -> Result<Self> {
        let mut address = |setting, name, usual| match variable(setting) {
            Some(set) => Ok(set),
            None => {
                let port = ports.claim(name, Some(usual))?;
                if port != usual {
                    note(format!("{setting} is 127.0.0.1:{port}, because port {usual} was in use"));
                }
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

    /// Fails if another process uses one of them: it would answer instead of ours.
    pub(crate) fn ensure_free(&self) -> Result<()> {
        for (setting, address) in [
            ("API_ADDR", &self.api_listens),
            ("OPS_ADDR", &self.ops_listens),
            ("API_OPS_ADDR", &self.api_ops_listens),
        ] {
            TcpListener::bind(address).with_context(|| {
                format!(
                    "cannot listen on {address}: stop the process that uses the port, or set \
                     {setting} to another address"
                )
            })?;
        }
        Ok(())
    }
}

/// A program that listens on every address is reached through the loopback.
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
    fn an_address_in_use_is_reported_with_its_setting() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = other.local_addr().unwrap().to_string();
        let free = || "127.0.0.1:0".to_owned();
        let addresses = Addresses {
            api_listens: free(),
            ops_listens: taken.clone(),
            api_ops_listens: free(),
            public_url: String::new(),
            api: free(),
            ops: taken.clone(),
            api_ops: free(),
        };

        let error = format!("{:#}", addresses.ensure_free().unwrap_err());

        assert!(error.contains(&taken) && error.contains("OPS_ADDR"), "{error}");
        drop(other);
        addresses.ensure_free().unwrap();
    }

    #[test]
    fn an_unspecified_address_is_reached_through_the_loopback() {
        assert_eq!(reachable("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("192.0.2.7:8080"), "192.0.2.7:8080");
        assert_eq!(reachable("localhost:8080"), "localhost:8080");
    }
}
