//! What a process has used so far, as the kernel counts it.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

/// The kernel tells CPU time in these: 100 a second on every architecture that jangteo runs on.
const TICK: Duration = Duration::from_millis(10);

/// The time that a process has had a core.
pub fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    ticks(&stat).map(|ticks| TICK * ticks).with_context(|| format!("malformed: {stat}"))
}

/// User and system time of a `stat` line, whose second field may hold anything within its brackets.
fn ticks(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system) = (fields.next()?, fields.next()?);
    Some(user.parse::<u32>().ok()? + system.parse::<u32>().ok()?)
}

/// Its resident memory, in MiB.
pub fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.context("no VmRSS")?.parse::<f64>()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "12 (a ) b) S 1 12 12 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 5 0 100 1 1";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("12 (short) S 1"), None);
    }

    #[test]
    fn this_process_uses_something() {
        assert!(resident_mib(std::process::id()).unwrap() > 1.0);
        cpu(std::process::id()).unwrap();
    }
}
