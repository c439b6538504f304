//! The next release: this one with `next_release.patch`, which adds a column, a type of events, a member
//! of another, a kind of email, and a queue.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
    time::Instant,
};

use keyward_stack::folder;
use keyward_tests::server;

use crate::helpers::copy_folder;

/// The folder of its programs.
pub(crate) static NEXT_RELEASE: LazyLock<PathBuf> = LazyLock::new(build);

/// What a build needs; the tests, because the features of dependencies are those of the whole workspace.
const SOURCES: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", ".sqlx", "api", "core", "migrations", "tests", "worker"];

/// Builds it below the target folder. Only the first build compiles more than what has changed, and
/// none compiles dependencies, which it shares with this release.
fn build() -> PathBuf {
    let began_at = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let debug = PathBuf::from(server("BIN_DIR"));
    let target = debug.parent().unwrap();
    let (next, draft) = (target.join("next-release"), folder::scratch("next-release").unwrap());
    for name in SOURCES {
        let (from, to) = (root.join(name), draft.path().join(name));
        match from.is_dir() {
            true => copy_folder(&from, &to),
            false => _ = fs::copy(from, to).unwrap(),
        }
    }
    let patch = root.join("tests/chaos/next_release.patch");
    run(Command::new("patch")
        .args(["-p0", "-t", "-F0", "-i"])
        .arg(patch)
        .current_dir(draft.path()));
    let source = next.join("source");
    mirror(draft.path(), &source);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo)
        .args(["build", "--quiet", "--workspace"])
        .args(["--bin", "keyward-api", "--bin", "keyward-worker", "--bin", "migrate"])
        .env("SQLX_OFFLINE", "true")
        .env("CARGO_BUILD_BUILD_DIR", target)
        .env("CARGO_TARGET_DIR", &next)
        .current_dir(source));
    println!("the next release was built in {:.0} s", began_at.elapsed().as_secs_f64());
    next.join("debug")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        output.status.success(),
        "{command:?} failed: does tests/chaos/next_release.patch still fit? See \
         docs/contribute/tests.md.\n{said}"
    );
}

/// Makes a folder a copy of another one. Equal files stay as they are: cargo compiles newer ones.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let names = |folder: &Path| -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    for name in names(to).into_iter().filter(|name| !from.join(name).exists()) {
        let gone = to.join(name);
        match gone.is_dir() {
            true => fs::remove_dir_all(gone).unwrap(),
            false => fs::remove_file(gone).unwrap(),
        }
    }
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            mirror(&from, &to);
        } else if fs::read(&to).ok() != fs::read(&from).ok() {
            fs::copy(from, to).unwrap();
        }
    }
}
