//! Mail servers from Debian packages, which are unpacked instead of installed: they conflict with each other
//! and with that of the machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keyward_stack::{folder, process::Launch};

/// Accounts that the mail servers expect, without making them on this machine.
const USERS: &str = "\
root:x:0:0::/root:/bin/sh
powerless:x:65534:65534::/nonexistent:/usr/sbin/nologin
postfix:x:60002:60002::/nonexistent:/usr/sbin/nologin
Debian-exim:x:60001:60001::/nonexistent:/usr/sbin/nologin
";
const GROUPS: &str = "\
root:x:0:
nogroup:x:65534:
postfix:x:60002:
postdrop:x:60003:
Debian-exim:x:60001:
";

/// An unpacked package with the libraries that this machine lacks.
pub(crate) struct Package {
    pub(crate) root: PathBuf,
}

impl Package {
    /// Downloads and unpacks a package, once.
    pub(crate) async fn unpacked(name: &str) -> Self {
        let folder = folder::target().join("relays");
        let root = folder.join(name);
        if !root.exists() {
            let archives = folder.join(format!("{name}-archives"));
            fs::create_dir_all(archives.join("partial")).unwrap();
            run("apt-get", &["update", "-qq"]).await;
            let cache = format!("Dir::Cache::archives={}/", archives.display());
            let options = ["-o", &cache, "-o", "Debug::NoLocking=1"];
            let install = ["install", "-y", "-qq", "--download-only", "--reinstall"];
            let packages = ["--no-install-recommends", name, "libnss-wrapper"];
            run("apt-get", &[&options[..], &install, &packages].concat()).await;
            let unpacked = folder.join(format!("{name}-unpacked"));
            for archive in fs::read_dir(&archives).unwrap() {
                let archive = archive.unwrap().path();
                if archive.extension().is_some_and(|extension| extension == "deb") {
                    let paths = [&archive, &unpacked].map(|path| path.to_str().unwrap());
                    run("dpkg", &["-x", paths[0], paths[1]]).await;
                }
            }
            fs::rename(unpacked, &root).unwrap();
        }
        Self { root }
    }

    /// One of its programs, with its libraries and the accounts that it expects.
    pub(crate) fn launch(&self, program: &str, run: &Path) -> Launch {
        let libraries = fs::read_dir(self.root.join("usr/lib")).unwrap();
        let mut libraries: Vec<PathBuf> = libraries.map(|entry| entry.unwrap().path()).collect();
        let is_wrapper = |folder: &PathBuf| folder.join("libnss_wrapper.so").exists();
        let wrapper = libraries.iter().find(|folder| is_wrapper(folder)).unwrap();
        let wrapper = wrapper.join("libnss_wrapper.so");
        libraries.retain(|path| path.is_dir());
        let (users, groups) = (run.join("passwd"), run.join("group"));
        fs::write(&users, USERS).unwrap();
        fs::write(&groups, GROUPS).unwrap();
        Launch::new(self.root.join(program))
            .env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap())
            .env("LD_PRELOAD", wrapper)
            .env("NSS_WRAPPER_PASSWD", users)
            .env("NSS_WRAPPER_GROUP", groups)
    }
}

async fn run(program: &str, args: &[&str]) {
    let launch = Launch::new(program).args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let status = launch.run().await.unwrap_or_else(|error| panic!("{program}: {error:#}"));
    assert!(status.success(), "{program} {}", args.join(" "));
}
