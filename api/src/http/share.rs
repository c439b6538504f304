//! The share of a client network: how many of its requests are in progress at the same time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use keyward_core::origin::Network;

/// The requests in progress, by client network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shares(Arc<Mutex<HashMap<Network, usize>>>);

/// A request in progress.
#[derive(Debug)]
pub(crate) struct Share {
    network: Network,
    /// How many requests of the network are in progress, this one included.
    pub(crate) nth: usize,
    all: Shares,
}

impl Shares {
    /// Begins a request of a network.
    pub(crate) fn begin(&self, network: Network) -> Share {
        let nth = self.change(network, |count| {
            *count += 1;
            *count
        });
        Share { network, nth, all: self.clone() }
    }

    fn change<T>(&self, network: Network, change: impl FnOnce(&mut usize) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(network).or_default();
        let result = change(count);
        if *count == 0 {
            all.remove(&network);
        }
        result
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.change(self.network, |count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use keyward_core::origin::network_of;

    use super::*;

    #[test]
    fn a_request_of_another_network_is_not_counted() {
        let shares = Shares::default();
        let [one, other] = [1, 2].map(|nth| network_of([192, 0, 2, nth].into()).unwrap());
        let first = shares.begin(one);

        assert_eq!([first.nth, shares.begin(one).nth, shares.begin(other).nth], [1, 2, 1]);
        drop(first);
        assert_eq!(shares.begin(one).nth, 1);
        assert!(shares.0.lock().unwrap().is_empty(), "networks are forgotten");
    }
}
