//! Ports that stay the same from one run to the next, and belong to one process at a time.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context, Result};

/// Below the range from which systems take the ports of outgoing connections (32768 and up on Linux).
///
/// A port from inside that range may be taken by a stranger's connection while its server is down;
/// and a client that keeps calling there may, by TCP's simultaneous open, end up connected to itself.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Which name has which port, in a small JSON file.
///
/// What is claimed stays claimed until this is dropped, also while nobody listens there: a server
/// that is restarted finds its port as it left it. Other processes of the same user keep off.
#[derive(Debug)]
pub struct Ports {
    file: PathBuf,
    known: BTreeMap<String, u16>,
    claimed: Vec<File>,
}

impl Ports {
    /// Reads the ports of earlier runs; a missing or unreadable file is an empty memory.
    pub fn open(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let known = fs::read(&file)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Self { file, known, claimed: Vec::new() }
    }

    /// The port `name` had before if it is still free, else the `preferred` one, else any free one.
    ///
    /// # Errors
    ///
    /// If no port is free, or the memory cannot be written.
    pub fn claim(&mut self, name: &str, preferred: Option<u16>) -> Result<u16> {
        let remembered = self.known.get(name).copied();
        let start = u16::from_le_bytes(crate::secret::random()?) % (RANGE.end - RANGE.start);
        let (port, lock) = remembered
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

/// All of [`RANGE`] once, from its `offset`th port round to the one before.
fn all_from(offset: u16) -> impl Iterator<Item = u16> {
    let middle = RANGE.start + offset;
    (middle..RANGE.end).chain(RANGE.start..middle)
}

/// The file that stands for a port, if nobody else has claimed it.
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
    fn a_port_is_remembered_while_it_is_free_and_replaced_when_it_is_not() {
        let folder = crate::folder::scratch("ports").unwrap();
        let file = folder.path().join("ports.json");

        let mut ports = Ports::open(&file);
        let first = ports.claim("redis", None).unwrap();
        let other = Ports::open(&file).claim("redis", None).unwrap();
        assert_ne!(other, first, "it is claimed, though nobody listens");
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
    fn a_broken_memory_is_an_empty_one() {
        let folder = crate::folder::scratch("ports").unwrap();
        let file = folder.path().join("ports.json");
        fs::write(&file, "{not json").unwrap();

        assert!(Ports::open(&file).claim("redis", None).is_ok());
    }
}
