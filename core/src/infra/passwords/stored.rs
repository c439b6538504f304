//! Password hashes read from the database, which may hold hostile parameters.

use argon2::{
    Algorithm, Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};

use super::compute::{self, Memory};

/// A hash that Keyward may compute again.
pub(super) struct Stored {
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    /// Parses a hash that Keyward may compute: argon2id, version 19, salt and length as in RFC 9106, and
    /// at most twice our memory, passes and lanes or the second recommended option of RFC 9106 (64 MiB,
    /// 3 passes, 4 lanes), whichever is more. Anything else is never computed, so a tampered row cannot
    /// exhaust the machine. Accounts with hashes beyond these bounds, for example after `ARGON2_*` was
    /// lowered a lot, need a reset.
    ///
    /// # Errors
    ///
    /// What is wrong with the hash, without showing it.
    pub(super) fn parse(text: &str, own: &Params) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).map_err(|_| "it is not a PHC string")?;
        let params = Params::try_from(&hash).map_err(|_| "argon2 refuses its parameters")?;
        let is_ours = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && params.keyid().is_empty()
            && params.data().is_empty();
        if !is_ours {
            return Err("its algorithm or version is not ours");
        }
        let is_bounded = params.m_cost() <= own.m_cost().saturating_mul(2).max(65_536)
            && params.t_cost() <= own.t_cost().saturating_mul(2).max(3)
            && params.p_cost() <= own.p_cost().saturating_mul(2).max(4);
        if !is_bounded {
            return Err("its parameters are hostile");
        }
        match (hash.salt, hash.hash) {
            (Some(salt), Some(output))
                if salt.len() >= 8 && output.len() == Params::DEFAULT_OUTPUT_LEN =>
            {
                Ok(Self { params, salt, output })
            }
            _ => Err("its salt or length is not ours"),
        }
    }

    /// Whether a password matches. Compares in constant time.
    ///
    /// # Errors
    ///
    /// If argon2 refuses the parameters, which parsing rules out.
    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> anyhow::Result<bool> {
        let output = compute::output(&self.params, password, self.salt.as_ref(), memory)?;
        Ok(output == self.output)
    }

    /// Whether it has weaker parameters than ours.
    pub(super) fn is_outdated(&self, own: &Params) -> bool {
        self.params.m_cost() < own.m_cost()
            || self.params.t_cost() < own.t_cost()
            || self.params.p_cost() < own.p_cost()
    }

    /// The work (memory times passes) that weaker parameters save. The caller does it as well, so that an
    /// account with an outdated hash takes as long as an unknown address.
    pub(super) fn missing_work(&self, own: &Params) -> Option<Params> {
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        let missing = work(own).checked_sub(work(&self.params))? / u64::from(own.t_cost());
        // Work below the minimum of argon2 is too little to measure.
        Params::new(u32::try_from(missing).ok()?, own.t_cost(), own.p_cost(), None).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApz8ArZRb2GRPPc";

    fn params(m: u32, t: u32, p: u32) -> Params {
        Params::new(m, t, p, None).unwrap()
    }

    #[test]
    fn only_hashes_like_ours_are_computed() {
        let own = params(19_456, 2, 1);
        assert!(Stored::parse(GOOD, &own).is_ok(), "the control");
        for (from, to) in [
            ("m=19456", "m=4194304"),
            ("m=19456", "m=4294967295"),
            ("m=19456", "m=99999999999"),
            ("m=19456,", "m=0,"),
            ("t=2", "t=4294967295"),
            ("t=2", "t=64"),
            ("p=1", "p=16777215"),
            ("p=1", "p=64"),
            ("p=1", "p=1,keyid=AAAA"),
            ("p=1", "p=1,data=AAAA"),
            ("argon2id", "argon2i"),
            ("argon2id", "argon2d"),
            ("argon2id", "scrypt"),
            ("argon2id", "pbkdf2-sha256"),
            ("v=19", "v=16"),
            ("$v=19", ""),
            ("c29tZXNhbHRzb21lc2FsdA", "c2FsdA"),
            ("c29tZXNhbHRzb21lc2FsdA", ""),
            ("CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApz8ArZRb2GRPPc", "CTFhFdXPJO1aFg"),
            ("$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApz8ArZRb2GRPPc", ""),
            (GOOD, ""),
            (GOOD, "correct horse battery"),
        ] {
            assert!(Stored::parse(&GOOD.replace(from, to), &own).is_err(), "{from} -> {to}");
        }
        let salt = "A".repeat(100_000);
        assert!(Stored::parse(&GOOD.replace("c29tZXNhbHRzb21lc2FsdA", &salt), &own).is_err());
    }

    #[test]
    fn hashes_match_after_parameters_were_lowered() {
        let strong = GOOD.replace("m=19456,t=2", "m=65536,t=3");
        assert!(Stored::parse(&strong, &params(19_456, 2, 1)).is_ok());
    }

    #[test]
    fn missing_work_of_a_weak_hash_is_computed() {
        let own = params(19_456, 4, 1);
        let weak = Stored::parse(GOOD, &own).unwrap();
        let strong = Stored::parse(&GOOD.replace("t=2", "t=4"), &own).unwrap();

        let rest = weak.missing_work(&own).unwrap();

        assert!(weak.is_outdated(&own) && !strong.is_outdated(&own));
        assert!(!strong.is_outdated(&weak.params));
        assert_eq!((rest.m_cost(), rest.t_cost()), (19_456 / 2, 4));
        assert!(strong.missing_work(&own).is_none() && strong.missing_work(&weak.params).is_none());
    }
}
