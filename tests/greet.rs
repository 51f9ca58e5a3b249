//! The README's example of an app. Its function stands there to the letter; `readme.rs` compares.

use product_lookup::apps::Call;
use product_lookup::form::Form;
use product_lookup::gateway::reply::Reply;

/// Answers any method.
pub fn answer(call: &mut Call) -> Reply {
    let query = Form::of_query(call.request.query()).unwrap_or_default();
    Reply::new(200, "text/plain; charset=utf-8", format!("Hello {}!", query.value("name").unwrap_or("you")))
}
