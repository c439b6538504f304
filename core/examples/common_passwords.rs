//! Makes the embedded list of common passwords from lists of one password per line:
//!
//! ```sh
//! cat list.. | cargo run -p keyward-core --example common_passwords \
//!     > core/src/domain/password/common_passwords.fst
//! ```

use std::io::{self, Write as _};

use keyward_core::domain::Blocklist;

fn main() -> io::Result<()> {
    let list = Blocklist::read(io::stdin().lock())?;
    io::stdout().write_all(list.as_bytes())
}
