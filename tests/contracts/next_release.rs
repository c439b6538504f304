//! The patch with which the fault `upgrade` makes the next release.

use std::process::Command;

use crate::sources::root;

#[test]
fn patch_of_the_next_release_applies() {
    let patch = root().join("tests/chaos/next_release.patch");
    let mut command = Command::new("patch");
    command.args(["-p0", "-t", "-F0", "--dry-run", "-i"]).arg(patch).current_dir(root());

    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));

    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "see docs/contribute/tests.md: {said}");
}
