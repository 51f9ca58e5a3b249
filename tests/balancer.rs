//! A balancer of which one member is not well: a real `serve`, whose catalogue is gone.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{Serving, Site};
use crate::servers::process::{free_port, wait_for};
use crate::servers::{self, Door, Server, http};

/// A third member, whose catalogue would be `products.db` in its folder and is not there.
fn member(site: &Site) -> Serving {
    let mut command = site.command();
    command.env("FCGI_WEB_SERVER_ADDRS", "127.0.0.1").env("PRODUCTS_DB", site.path("products.db"));
    Serving::start(command, &format!("127.0.0.1:{}", free_port()))
}

fn balancer(member: &Serving, define: &str) -> Server {
    let directives = format!("Define PRODUCT_LOOKUP_MEMBER_3 {}\n{define}\n", member.address);
    servers::start(Door::Balancer, &servers::Site { directives, ..servers::Site::default() })
}

fn price_or_status(server: &Server) -> Result<String, u16> {
    let reply = http::get(server.addr, "/wsgi/myapp.py?id=A001");
    if reply.status == 200 { Ok(String::from_utf8_lossy(&reply.body).into_owned()) } else { Err(reply.status) }
}

/// Of a request a second at most one in twenty fails, and as seldom where there are many.
#[test]
fn an_unwell_member_of_the_balancer() {
    let site = Site::new();
    let member = member(&site);
    let server = balancer(&member, "");
    let begun = Instant::now();
    let statuses: Vec<_> = (0..30)
        .map(|second| {
            thread::sleep(Duration::from_secs(second).saturating_sub(begun.elapsed()));
            price_or_status(&server).err()
        })
        .collect();
    // Without being left alone it would have had ten of them.
    assert_eq!(statuses.iter().flatten().collect::<Vec<_>>(), [&503], "{statuses:?}");
    let failed = (0..90).filter(|_| price_or_status(&server).is_err()).count();
    assert!(failed <= 4, "{failed}");
}

/// Once its catalogue is there again it gets its share again.
#[test]
fn a_member_that_is_well_again() {
    let site = Site::new();
    let member = member(&site);
    let server = balancer(&member, "Define PRODUCT_LOOKUP_RETRY_SECONDS 1");
    assert!(wait_for(|| price_or_status(&server).err()).is_some());
    fs::write(site.path("prices.csv"), "id,name,price\nA001,Clock,13\n").expect("a file");
    let mut import = site.command();
    import.arg("import").arg(site.path("prices.csv")).env("PRODUCTS_DB", site.path("products.db"));
    assert!(import.status().expect("an import").success());
    let its = || (price_or_status(&server).ok()? == "{\"name\":\"Clock\",\"price\":13}").then_some(());
    assert!(wait_for(its).is_some());
}
