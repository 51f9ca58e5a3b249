//! The product lookup: from the request's form to the product or the list that it asks for.

use std::time::Instant;

use super::Call;
use crate::catalogue::{Found, Product, Search, chosen};
use crate::debug_log::{Lossy, PythonDict, PythonList, PythonStr};
use crate::form::{self, Form, FormError};
use crate::gateway::body::BodyError;
use crate::gateway::memory::Share;
use crate::gateway::reply::Reply;
use crate::gateway::request::{Params, Request};
use crate::lookup::{self, Lookup, LookupError};
use crate::render::{self, Failure, Format, Shown};
use crate::settings::limits;

/// Answers GET, HEAD, POST and OPTIONS.
pub fn answer(call: &mut Call) -> Reply {
    if call.request.method() == b"OPTIONS" {
        return render::options();
    }
    call.question = Some(String::new());
    let params = &call.request.params;
    let mut asked = Asked::default();
    let lookup = asked.read(call);
    // What a parameter names, nobody has to negotiate.
    let format = asked.format.unwrap_or_else(|| Format::of_accept(params.value("HTTP_ACCEPT").unwrap_or_default()));
    let lookup = match lookup {
        // A person opens the page before there is a question: these are the first products.
        Err(Failure::Lookup(LookupError::Nothing)) if format == Format::Html => {
            Ok(Lookup::Search(Search { question: String::new(), limit: limits::PAGE_DEFAULT, after: None }))
        }
        lookup => lookup,
    };
    let reply = match lookup.and_then(|lookup| find(call, lookup, asked.fields, format)) {
        Ok(reply) if of_a_user(params) => render::private(reply),
        Ok(reply) => reply,
        Err(failure) => return call.fail(&failure, format),
    };
    match params.value("HTTP_IF_NONE_MATCH") {
        Some(tags) if call.request.method() != b"POST" => render::not_modified(&reply, tags).unwrap_or(reply),
        _ => reply,
    }
}

/// Has somebody given a name or a password?
fn of_a_user(params: &Params) -> bool {
    ["REMOTE_USER", "HTTP_AUTHORIZATION"].iter().any(|name| params.value(name).is_some())
}

/// How a reply is asked for: as far as parameters have been read, so that a failure is told in their format too.
#[derive(Default)]
struct Asked {
    format: Option<Format>,
    fields: Vec<String>,
}

impl Asked {
    /// What is asked for.
    fn read(&mut self, call: &mut Call) -> Result<Lookup, Failure> {
        let sent = call.request.query().len() + call.request.body.as_deref().map_or(0, <[u8]>::len);
        let _share = share(call, form::memory(sent))?;
        let query = Form::of_query(call.request.query()).map_err(Failure::Form)?;
        let form = match call.request.method() {
            b"GET" | b"HEAD" => {
                log_query(call, &query);
                query
            }
            b"POST" => {
                // Where the body is none, the query says how to tell it.
                call.question = Some(lookup::question(&query));
                self.set_format(&query)?;
                body(call)?.or(&query).map_err(Failure::Form)?
            }
            _ => return Err(Failure::MethodNotAllowed),
        };
        call.question = Some(lookup::question(&form));
        self.set_format(&form)?;
        self.fields = lookup::fields(&form);
        Lookup::of(&form, &call.path).map_err(|error| match (&error, near_miss(call.request, &form)) {
            (LookupError::Nothing, Some(how)) => Failure::Form(FormError::Malformed(how)),
            _ => Failure::Lookup(error),
        })
    }

    fn set_format(&mut self, form: &Form) -> Result<(), Failure> {
        self.format = Format::of_parameter(form).map_err(Failure::UnknownFormat)?.or(self.format);
        Ok(())
    }
}

/// How a request nearly asks something.
fn near_miss(request: &Request, form: &Form) -> Option<String> {
    let body = request.method() != b"POST" && request.body.as_ref().is_ok_and(|body| !body.is_empty());
    let unread = || body.then(|| "A body is read with POST alone: send this by POST.".to_owned());
    form.near_miss().or_else(unread)
}

/// So much memory, until it goes.
fn share(call: &Call, bytes: usize) -> Result<Share, Failure> {
    let mut share = Share::default();
    let most = call.limits.requests_bytes(call.environment.max_body_bytes(&call.request.params));
    if share.grow(bytes, most) { Ok(share) } else { Err(Failure::Body(BodyError::NoMemory)) }
}

/// What there is.
fn find(call: &mut Call, lookup: Lookup, fields: Vec<String>, format: Format) -> Result<Reply, Failure> {
    let params = &call.request.params;
    let cache_seconds = call.environment.cache_seconds(params);
    let catalogue = call.catalogues.at(call.environment.products(params)).map_err(Failure::Catalogue)?;
    let begun = Instant::now();
    let further = if fields.is_empty() { Ok(Vec::new()) } else { catalogue.columns() };
    let found = further.and_then(|further| {
        let found = match lookup {
            Lookup::Id(id) => catalogue.by_id(&id)?.map(Answer::Product).ok_or(Failure::NoSuchId(id)),
            Lookup::Ids(ids) => Ok(Answer::Ids(catalogue.by_ids(&ids)?, ids)),
            Lookup::Name(name) => catalogue.by_name(&name)?.map(Answer::Product).ok_or(Failure::NoSuchName(name)),
            Lookup::Search(search) => catalogue.search(&search).map(|page| Ok(Answer::Page(search, page)))?,
        };
        Ok((chosen(&fields, &further).map_err(|name| Failure::Lookup(LookupError::Field(name))), found))
    });
    call.lookup = Some(begun.elapsed());
    let (columns, found) = found.map_err(Failure::Catalogue)?;
    let shown = Shown { columns: columns?, fields, format, cache_seconds, frame: call.frame(format) };
    Ok(match found? {
        Answer::Product(product) => shown.product(&product),
        Answer::Ids(products, ids) => shown.ids(&ids, &products),
        Answer::Page(search, page) => shown.list(&search, &page),
    })
}

/// What a catalogue answers.
enum Answer {
    Product(Product),
    Ids(Vec<Option<Product>>, Vec<String>),
    Page(Search, Found),
}

fn body(call: &mut Call) -> Result<Form, Failure> {
    let request = call.request;
    let received = request.body.as_deref().unwrap_or_default();
    match request.params.value("CONTENT_LENGTH") {
        Some(announced) => call.log.always(format_args!("content_len: {}", Lossy(announced))),
        None => call.log.always(format_args!("content_len: {}", received.len())),
    }
    let line_ends = memchr::memchr_iter(b'\n', received).count();
    call.log.always(format_args!("no of lines: {}", line_ends + 1));
    call.log.develop_bytes("wsgi.input", received);
    let body = request.body.as_ref().map_err(|error| Failure::Body(error.clone()))?;
    let form = Form::of_body(&request.params, body).map_err(Failure::Form)?;
    if call.log.develop_mode() {
        let members = form.by_name().into_iter().map(|(name, values)| {
            // The one that counts.
            let value = values.into_iter().map(str::trim).find(|value| !value.is_empty());
            (name, PythonStr(value.unwrap_or_default()))
        });
        call.log.always(format_args!("POST data: {}", PythonDict(members.collect())));
    }
    Ok(form)
}

fn log_query(call: &mut Call, query: &Form) {
    call.log.develop(format_args!("QUERY_STRING: {}", Lossy(call.request.query())));
    if call.log.develop_mode() {
        // As Python's parse_qs gives it: all values of a name, without empty ones.
        let mut names = query.by_name();
        names.iter_mut().for_each(|(_, values)| values.retain(|value| !value.is_empty()));
        names.retain(|(_, values)| !values.is_empty());
        let lists = names.into_iter().map(|(name, values)| (name, PythonList(values)));
        call.log.always(format_args!("qs: {}", PythonDict(lists.collect())));
    }
}
