//! argon2id itself, in memory that each thread keeps.
//!
//! A hash takes 19 MiB. Asked for anew every time, that is work for the kernel, and an allocator
//! holds on to several of them per thread; kept, it stays the same however many people log in.

use std::cell::RefCell;

use anyhow::{Context as _, ensure};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::rand;

thread_local! {
    /// As long as the largest hash of this thread so far needed.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of a salt (RFC 9106, section 3.1, recommends 16).
const SALT_BYTES: usize = 16;

/// Hashes a password with a fresh salt.
///
/// # Errors
///
/// If there are no random numbers to be had, or the parameters are none of argon2's.
pub(super) fn hash(params: &Params, password: &[u8]) -> anyhow::Result<PasswordHash> {
    let salt = random::<SALT_BYTES>()?;
    phc(params, &salt, output(params, password, &salt)?)
}

/// What looks like a hash, and no password is right for it; it costs nothing to make.
///
/// # Errors
///
/// If there are no random numbers to be had, or the parameters are none of argon2's.
pub(super) fn decoy(params: &Params) -> anyhow::Result<PasswordHash> {
    let output = Output::new(&random::<{ Params::DEFAULT_OUTPUT_LEN }>()?);
    phc(params, &random::<SALT_BYTES>()?, output.map_err(anyhow::Error::msg)?)
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).context("no random numbers to be had")?;
    Ok(bytes)
}

fn phc(params: &Params, salt: &[u8], output: Output) -> anyhow::Result<PasswordHash> {
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(anyhow::Error::msg)?,
        salt: Some(Salt::new(salt).map_err(anyhow::Error::msg)?),
        hash: Some(output),
    })
}

/// Whether a password is the one that was hashed, with the parameters that it was hashed with.
/// The outputs are compared in constant time.
///
/// # Errors
///
/// If what is stored is no hash of argon2id, version 19.
pub(super) fn is_right(password: &[u8], stored: &PasswordHash) -> anyhow::Result<bool> {
    let is_ours = stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into());
    ensure!(is_ours, "a stored password hash is not one of ours");
    let params = Params::try_from(stored).map_err(anyhow::Error::msg)?;
    let (salt, hash) = stored.salt.as_ref().zip(stored.hash.as_ref()).context("half a hash")?;
    Ok(output(&params, password, salt.as_ref())? == *hash)
}

fn output(params: &Params, password: &[u8], salt: &[u8]) -> anyhow::Result<Output> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = &mut bytes[..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    MEMORY
        .with_borrow_mut(|memory| {
            if memory.len() < params.block_count() {
                memory.resize(params.block_count(), Block::default());
            }
            let memory = &mut memory[..params.block_count()];
            argon2.hash_password_into_with_memory(password, salt, bytes, memory)
        })
        .map_err(anyhow::Error::msg)?;
    Output::new(bytes).map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    #[test]
    fn kept_memory_changes_no_hash() {
        let large = Params::new(19_456, 2, 1, None).unwrap();
        let small = Params::new(64, 3, 2, None).unwrap();
        let argon2 =
            |params: &Params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());

        for params in [&large, &small, &large, &small] {
            let ours = hash(params, b"correct horse").unwrap();
            assert!(argon2(params).verify_password(b"correct horse", &ours).is_ok());
            let theirs = argon2(params).hash_password(b"correct horse").unwrap();
            assert!(is_right(b"correct horse", &theirs).unwrap());
            assert!(!is_right(b"correct horsf", &theirs).unwrap());
        }
    }
}
