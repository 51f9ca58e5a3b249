//! What a server's responders hold: each one's memory and descriptors.

use std::fmt;
use std::fs;

use product_lookup::gateway::Limits;
use product_lookup::settings::limits;

use crate::faults::killed::responders;
use crate::servers::Server;

/// One process.
#[derive(Debug)]
struct Responder {
    pid: i32,
    resident_kib: usize,
    sockets: usize,
    descriptors: usize,
}

/// All of a server's.
pub(super) struct Responders(Vec<Responder>);

impl Responders {
    pub(super) fn of(server: &Server) -> Responders {
        Responders(responders(server).into_iter().map(|pid| Responder::of(pid.as_raw_nonzero().get())).collect())
    }

    /// Are all of those there still, with no more sockets than each had, and what threads and
    /// connections to the catalogue hold at most?
    pub(super) fn have_outlived(&self, before: &Responders) -> bool {
        let kept = limits::catalogue_connections_most() + Limits::default().spare_threads;
        before.0.iter().all(|before| {
            let now = self.0.iter().find(|now| now.pid == before.pid);
            now.is_some_and(|now| now.sockets <= before.sockets && now.descriptors <= before.descriptors + kept)
        })
    }

    /// By how much has memory grown, in percent of what each process had? What a process has that
    /// was not there yet is held against the largest.
    pub(super) fn growth(&self, before: &Responders) -> f64 {
        let largest = before.0.iter().map(|before| before.resident_kib).max().expect("a process");
        let known = |now: &Responder| before.0.iter().find(|before| before.pid == now.pid);
        let had: usize = self.0.iter().map(|now| known(now).map_or(largest, |before| before.resident_kib)).sum();
        self.resident_kib() as f64 * 100.0 / had as f64 - 100.0
    }

    fn resident_kib(&self) -> usize {
        self.0.iter().map(|responder| responder.resident_kib).sum()
    }
}

impl Responder {
    fn of(pid: i32) -> Responder {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let resident_kib = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        let links = fs::read_dir(format!("/proc/{pid}/fd")).expect("its descriptors");
        let links: Vec<_> = links.flatten().filter_map(|link| fs::read_link(link.path()).ok()).collect();
        let sockets = links.iter().filter(|link| link.to_string_lossy().starts_with("socket:")).count();
        Responder { pid, resident_kib, sockets, descriptors: links.len() }
    }
}

impl fmt::Display for Responders {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [sockets, descriptors] = [|one: &Responder| one.sockets, |one: &Responder| one.descriptors]
            .map(|count| self.0.iter().map(count).sum::<usize>());
        let (processes, resident) = (self.0.len(), self.resident_kib());
        write!(
            f,
            "{processes} processes, {resident} KiB resident, {descriptors} descriptors, {sockets} of them sockets"
        )
    }
}
