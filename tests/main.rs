//! All integration tests, in one binary.

mod answer;
mod apps;
mod balancer;
mod browser;
mod budget;
mod cases;
mod check;
mod clients;
mod columns;
mod conversation;
#[cfg(feature = "mysql")]
mod databases;
mod debug_log;
mod doors;
mod examples;
mod fastcgi_client;
mod faults;
mod glibc;
mod greet;
mod import;
mod lifetime;
mod load;
#[cfg(feature = "manual")]
mod manual;
mod messages;
mod multipart;
mod observe;
mod openapi;
mod origins;
mod paths;
mod program;
mod properties;
mod questions;
mod readme;
mod replay;
mod search;
mod servers;
mod serving;
mod sites;
mod store;
mod storm;
mod third_party;
mod variables;
mod web_servers;
