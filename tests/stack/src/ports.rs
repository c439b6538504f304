//! Ports that stay the same from run to run and belong to one process at a time.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context, Result};

/// Below the range of ephemeral ports (32768 and up on Linux).
///
/// An outgoing connection may take a port in that range while its server is down, and a client that
/// reconnects there may connect to itself (simultaneous open of TCP).
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Names and their ports, stored in a JSON file.
///
/// A claim lasts until this is dropped, also while no process listens on the port: a restarted
/// server finds its port free. Other processes of the same user do not claim it.
#[derive(Debug)]
pub struct Ports {
    file: PathBuf,
    known: BTreeMap<String, u16>,
    claimed: Vec<File>,
}

impl Ports {
    /// Reads the ports of earlier runs; a missing or unreadable file counts as empty.
    pub fn open(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let known = fs::read(&file)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Self { file, known, claimed: Vec::new() }
    }

    /// The previous port of `name` if it is free, else the `preferred` one, else any free port.
    ///
    /// # Errors
    ///
    /// If no port is free, or the file cannot be written.
    pub fn claim(&mut self, name: &str, preferred: Option<u16>) -> Result<u16> {
        let previous = self.known.get(name).copied();
        let start = u16::from_le_bytes(crate::secret::random()?) % (RANGE.end - RANGE.start);
        let (port, lock) = previous
            .into_iter()
            .chain(preferred)
            .chain(all_from(start))
            .find_map(|port| lock(port).filter(|_| is_free(port)).map(|lock| (port, lock)))
            .context("no free port on 127.0.0.1")?;
        self.claimed.push(lock);
        self.known.insert(name.to_owned(), port);
        self.save()?;
        Ok(port)
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.known)?;
        crate::secret::write(&self.file, &(text + "\n"))
    }
}

/// Every port of [`RANGE`] once, starting at `offset`.
fn all_from(offset: u16) -> impl Iterator<Item = u16> {
    let middle = RANGE.start + offset;
    (middle..RANGE.end).chain(RANGE.start..middle)
}

/// The lock file of a port, unless another process holds it.
fn lock(port: u16) -> Option<File> {
    let user = nix::unistd::getuid();
    let folder = std::env::temp_dir().join(format!("keyward-ports-of-{user}"));
    fs::create_dir_all(&folder).ok()?;
    let file = File::create(folder.join(port.to_string())).ok()?;
    file.try_lock().ok().map(|()| file)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_reused_while_it_is_free() {
        let folder = crate::folder::scratch("ports").unwrap();
        let file = folder.path().join("ports.json");

        let mut ports = Ports::open(&file);
        let first = ports.claim("redis", None).unwrap();
        let other = Ports::open(&file).claim("redis", None).unwrap();
        assert_ne!(other, first, "it is claimed although no process listens");
        ports.save().unwrap();
        drop(ports);
        let again = Ports::open(&file).claim("redis", None).unwrap();
        assert_eq!(again, first);

        let _stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let moved = Ports::open(&file).claim("redis", None).unwrap();
        assert_ne!(moved, first);
        assert!(RANGE.contains(&moved));
    }

    #[test]
    fn two_names_never_share_a_port() {
        let folder = crate::folder::scratch("ports").unwrap();
        let mut ports = Ports::open(folder.path().join("ports.json"));

        let one = ports.claim("one", None).unwrap();
        let two = ports.claim("two", Some(one)).unwrap();

        assert_ne!(one, two);
    }

    #[test]
    fn an_unreadable_file_counts_as_empty() {
        let folder = crate::folder::scratch("ports").unwrap();
        let file = folder.path().join("ports.json");
        fs::write(&file, "{not json").unwrap();

        assert!(Ports::open(&file).claim("redis", None).is_ok());
    }
}
