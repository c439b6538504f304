//! argon2id.

use anyhow::Context as _;
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
    let mut salt = [0; SALT_BYTES];
    rand::fill(&mut salt).context("the system has no random numbers")?;
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(anyhow::Error::msg)?,
        salt: Some(Salt::new(&salt).map_err(anyhow::Error::msg)?),
        hash: Some(output(params, password, &salt, memory)?),
    })
}

/// Computes the hash alone. [`Output`] compares in constant time.
///
/// # Errors
///
/// If argon2 refuses the parameters.
pub(super) fn output(
    params: &Params,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> anyhow::Result<Output> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let memory = &mut memory[..params.block_count()];
    argon2
        .hash_password_into_with_memory(password, salt, &mut bytes, memory)
        .map_err(anyhow::Error::msg)?;
    Output::new(&bytes).map_err(anyhow::Error::msg)
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
            let (salt, output_of_theirs) = (theirs.salt.unwrap(), theirs.hash.unwrap());
            let mut ours = |password| output(params, password, salt.as_ref(), &mut memory).unwrap();
            assert_eq!(ours(b"correct horse"), output_of_theirs);
            assert_ne!(ours(b"correct horsf"), output_of_theirs);
        }
    }
}
