//! Links GCC's unwinder into the program. As a library of its own it is found, mapped and bound for
//! each request of a CGI program, which is a fifth of what that takes, and is there for panics only.

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu") {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
