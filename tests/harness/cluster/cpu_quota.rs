//! A limit of CPU time.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keyward_stack::pid::children_of;
use uuid::Uuid;

/// The period of a quota, in microseconds.
const PERIOD_US: f64 = 100_000.0;
/// Where cgroups with a CPU quota can be created: version 1, then version 2.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"];

/// A limit of the CPU time that its processes use together. Dropping it ends the limit.
#[derive(Debug)]
pub struct CpuQuota(PathBuf);

impl CpuQuota {
    /// A quota in cores, without a process yet; none if cgroups are not writable.
    #[must_use]
    pub fn of_cores(cores: f64) -> Option<Self> {
        let name = format!("keyward-tests-{}", Uuid::new_v4());
        ROOTS.iter().find_map(|root| {
            let folder = Path::new(root).join(&name);
            fs::create_dir(&folder).ok()?;
            let quota = Self(folder);
            let limit_us = (PERIOD_US * cores).round();
            let is_set = quota.write("cpu.cfs_period_us", PERIOD_US)
                && quota.write("cpu.cfs_quota_us", limit_us)
                || quota.write("cpu.max", format!("{limit_us} {PERIOD_US}"));
            is_set.then_some(quota)
        })
    }

    /// Adds a process with its children. The children that it starts from here on follow it.
    pub fn add(&self, pid: u32) {
        for pid in [pid].into_iter().chain(children_of(pid)) {
            // A child may have exited.
            self.write("cgroup.procs", pid);
        }
    }

    fn write(&self, file: &str, value: impl ToString) -> bool {
        let file = fs::File::options().write(true).open(self.0.join(file));
        file.is_ok_and(|mut file| {
            std::io::Write::write_all(&mut file, value.to_string().as_bytes()).is_ok()
        })
    }
}

impl Drop for CpuQuota {
    fn drop(&mut self) {
        let parent = self.0.with_file_name("cgroup.procs");
        // A process that starts another one meanwhile can leave it behind.
        while fs::remove_dir(&self.0).is_err() {
            let Ok(pids) = fs::read_to_string(self.0.join("cgroup.procs")) else { return };
            for pid in pids.lines() {
                let _ = fs::write(&parent, pid);
            }
        }
    }
}
