//! What a CGI program does for one request, ours and the canned one in C: how many system calls each
//! makes, which, and the files that it opens.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use crate::contenders::Program;
use crate::programs::Site;

pub fn run(site: &Site) -> String {
    let mut text = String::new();
    for (name, program) in [("ours", Program::Ours), ("canned C", Program::CgiC)] {
        let (calls, files) = trace(site, program);
        let count: usize = calls.values().sum();
        let mut most: Vec<_> = calls.into_iter().collect();
        most.sort_by_key(|&(_, times)| std::cmp::Reverse(times));
        let most: Vec<String> = most.iter().map(|(call, times)| format!("{call} {times}")).collect();
        text += &format!("{name}: {count} system calls for one GET: {}.\n\nFiles opened:\n\n", most.join(", "));
        for file in files {
            let file = file.replace(&site.path("").display().to_string(), "");
            text += &format!("- `{file}`\n");
        }
        text += "\n";
    }
    text
}

/// The system calls with how often each was made, and the files that were opened or tried.
fn trace(site: &Site, program: Program) -> (BTreeMap<String, usize>, Vec<String>) {
    let trace = site.path("data/trace");
    let mut command = Command::new("strace");
    command.arg("-f").arg("-o").arg(&trace).arg(site.program(program)).stdin(Stdio::null());
    command.env_clear().env("PATH", "/usr/bin:/bin").env("GATEWAY_INTERFACE", "CGI/1.1");
    command.env("REQUEST_METHOD", "GET").env("QUERY_STRING", "id=P0000000");
    command.env("PRODUCTS_DB", site.catalogue()).env("DEBUG_LOG", site.path("log/debug.log"));
    let output = command.output().expect("strace starts");
    assert!(output.stdout.starts_with(b"Status: 200 OK\r\n"), "{command:?}: {output:?}");
    let (mut calls, mut files) = (BTreeMap::new(), Vec::new());
    for line in fs::read_to_string(&trace).expect("a trace").lines() {
        // "PID call(arguments) = result"
        let call = line.split_once(' ').map_or(line, |(_, call)| call).trim_start();
        let Some((name, arguments)) = call.split_once('(') else { continue };
        *calls.entry(name.to_owned()).or_default() += 1;
        if name.starts_with("open") {
            files.push(arguments.split('"').nth(1).unwrap_or(arguments).to_owned());
        }
    }
    (calls, files)
}
