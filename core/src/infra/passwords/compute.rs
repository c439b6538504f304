//! argon2id.

use anyhow::{Context as _, ensure};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::rand;

/// The working memory of a hash: 19 MiB by default, so it is reused. Fresh memory costs page faults
/// for every hash, and allocators keep several of these blocks per thread.
pub(super) type Memory = Vec<Block>;

/// Length of a salt (RFC 9106, section 3.1, recommends 16 bytes).
const SALT_BYTES: usize = 16;

/// Hashes a password with a fresh salt.
///
/// # Errors
///
/// If the system has no random numbers, or argon2 refuses the parameters.
pub(super) fn hash(
    params: &Params,
    password: &[u8],
    memory: &mut Memory,
) -> anyhow::Result<PasswordHash> {
    let salt = random::<SALT_BYTES>()?;
    phc(params, &salt, output(params, password, &salt, memory)?)
}

/// Makes a hash that no password matches, without computing one.
///
/// # Errors
///
/// If the system has no random numbers, or argon2 refuses the parameters.
pub(super) fn decoy(params: &Params) -> anyhow::Result<PasswordHash> {
    let output = Output::new(&random::<{ Params::DEFAULT_OUTPUT_LEN }>()?);
    phc(params, &random::<SALT_BYTES>()?, output.map_err(anyhow::Error::msg)?)
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).context("the system has no random numbers")?;
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

/// Whether a password matches a stored hash. Compares in constant time.
///
/// # Errors
///
/// If the stored hash is not argon2id, version 19.
pub(super) fn is_right(
    password: &[u8],
    stored: &PasswordHash,
    memory: &mut Memory,
) -> anyhow::Result<bool> {
    let is_ours = stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into());
    ensure!(is_ours, "a stored password hash is not one of ours");
    let params = Params::try_from(stored).map_err(anyhow::Error::msg)?;
    let (salt, hash) = stored
        .salt
        .as_ref()
        .zip(stored.hash.as_ref())
        .context("a stored password hash is incomplete")?;
    Ok(output(&params, password, salt.as_ref(), memory)? == *hash)
}

fn output(
    params: &Params,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> anyhow::Result<Output> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = &mut bytes[..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let memory = &mut memory[..params.block_count()];
    argon2
        .hash_password_into_with_memory(password, salt, bytes, memory)
        .map_err(anyhow::Error::msg)?;
    Output::new(bytes).map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    #[test]
    fn reused_memory_does_not_change_a_hash() {
        let large = Params::new(19_456, 2, 1, None).unwrap();
        let small = Params::new(64, 3, 2, None).unwrap();
        let argon2 =
            |params: &Params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());

        let mut memory = Memory::new();
        for params in [&large, &small, &large, &small] {
            let ours = hash(params, b"correct horse", &mut memory).unwrap();
            assert!(argon2(params).verify_password(b"correct horse", &ours).is_ok());
            let theirs = argon2(params).hash_password(b"correct horse").unwrap();
            assert!(is_right(b"correct horse", &theirs, &mut memory).unwrap());
            assert!(!is_right(b"correct horsf", &theirs, &mut memory).unwrap());
        }
    }
}
