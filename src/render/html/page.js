// Searches as one types: asks this page's own address for the list, and puts what comes in the place of what is
// shown. Without this script the same form, links and pages do the same by themselves.
const [box, status, told, results, again] = ['q', 'status', 'told', 'results', 'again'].map((id) =>
  document.getElementById(id),
);
const { form } = box;

const PAUSE = 60; // milliseconds from one search to the next at least
const SLOW = 500; // milliseconds before a reader sees that it takes its time
const QUIET = 700; // milliseconds without a change before a screen reader is told what there is
const GONE = 5000; // milliseconds after which that is gone
const PATIENCE = 15000; // milliseconds before a search has failed
const COPIED = 2000; // milliseconds for which a button says that it has copied

let begun = -PAUSE; // when the last search began
let pause; // the timer of the next one, while it waits
let current; // the search that is under way; what comes for any other is dropped
let summary = status.textContent; // what was said of what is shown
let telling; // the timer of what a screen reader is told next
let heard; // what it was told last
let leave = Boolean(results.querySelector('section')); // is what is shown worth coming back to?
let opening = false; // was Enter pressed, so that an id that was typed is opened?

const rows = () => results.querySelectorAll('tbody tr');
const more = () => results.querySelector('[rel=next]');
const meant = () => document.getElementById('meant');

function say(words) {
  status.textContent = words;
  tell(words, QUIET);
}

// Tells a screen reader, once; then it is not there to be read again.
function tell(words, wait) {
  clearTimeout(telling);
  if (words === heard) return;
  telling = setTimeout(() => {
    told.textContent = heard = words;
    telling = setTimeout(() => (told.textContent = ''), GONE);
  }, wait);
}

// Ends the search that is under way; what was typed since is still searched for.
function end() {
  current?.timers.forEach(clearTimeout);
  current?.abort.abort();
  form.classList.remove('waiting');
  results.ariaBusy = 'false';
  current = undefined;
}

// Searches for what is in the box now.
function search() {
  const address = new URL(location);
  address.hash = '';
  address.search = new URLSearchParams({ q: box.value.trim(), format: 'html' });
  ask(address, false);
}

// Asks for a list, or for the page that goes on from the one that is shown.
async function ask(address, goesOn) {
  clearTimeout(pause);
  pause = undefined;
  end();
  const abort = new AbortController();
  const timers = [setTimeout(say, SLOW, 'Searching…'), setTimeout(() => abort.abort(), PATIENCE)];
  const mine = (current = { abort, timers });
  form.classList.add('waiting');
  results.ariaBusy = 'true';
  begun = performance.now();
  const done = await load(address, abort.signal).then(
    (page) => () => show(page, address, goesOn),
    (error) => () => fail(error, address, goesOn),
  );
  if (mine !== current) return;
  end();
  done();
  opening = false;
}

async function load(address, signal) {
  let reply, text;
  try {
    reply = await fetch(address, { signal });
    text = await reply.text();
  } catch {
    throw new Error('Could not reach the server. Check your connection, then try again.');
  }
  const page = new DOMParser().parseFromString(text, 'text/html');
  if (reply.ok && page.getElementById('results')) return page;
  // A page of the web server's own has no such words: the status has to do.
  const words = page.querySelector('.problem p')?.textContent;
  throw new Error(words || `The server cannot answer right now (status ${reply.status}).`);
}

function show(page, address, goesOn) {
  const focused = results.contains(document.activeElement) || again.contains(document.activeElement);
  const found = page.getElementById('results');
  const first = found.querySelector('tbody a');
  if (goesOn) {
    found.querySelector('tbody').prepend(...rows());
    found.querySelector('table').classList.add(...results.querySelector('table').classList);
    found.querySelector('#first')?.remove();
  } else {
    history[leave && address.href !== location.href ? 'pushState' : 'replaceState'](null, '', address);
    leave = opening;
    document.title = page.title;
  }
  results.replaceChildren(...found.childNodes);
  again.hidden = true;
  if (goesOn) summary = summary.replace(/\d+/, rows().length).replace(more() ? '' : 'Showing the first ', '');
  else summary = page.getElementById('status').textContent;
  say(summary);
  const typed = [...rows()].find((row) => row.querySelector('.id')?.textContent === box.value.trim());
  if (opening && typed) typed.querySelector('a').click();
  // What had the focus is gone; whoever was there goes on from what has come.
  else if (focused) (first ?? box).focus();
}

// What was shown stays where its next page does not come.
function fail(error, address, goesOn) {
  if (!goesOn) results.replaceChildren();
  status.textContent = goesOn ? summary : '';
  const [words, button] = again.children;
  words.textContent = error.message;
  button.onclick = () => ask(address, goesOn);
  again.hidden = false;
  tell(error.message, QUIET);
}

// Copies what a product has, exactly, and shows what it was.
function copy(value) {
  const [text, button] = [value.querySelector('data, bdi'), value.querySelector('button')];
  const put = (event) => {
    event.clipboardData.setData('text/plain', text.value ?? text.textContent);
    event.preventDefault();
  };
  document.addEventListener('copy', put, { once: true });
  getSelection().selectAllChildren(text);
  // What would take its place is there under HTTPS alone.
  document.execCommand('copy');
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = 'Copy'), COPIED);
  tell(button.ariaLabel.replace('Copy', 'Copied'), 0);
}

for (const value of results.querySelectorAll('.value')) {
  if (!value.textContent) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.ariaLabel = `Copy ${value.previousElementSibling?.textContent ?? 'Name'}`;
  value.append(button);
}

box.addEventListener('input', () => {
  opening = false;
  pause ??= setTimeout(search, begun + PAUSE - performance.now());
});

// Enter, or the button.
form.addEventListener('submit', (event) => {
  event.preventDefault();
  opening = true;
  search();
  // A phone's keyboard would cover the list.
  if (matchMedia('(pointer: coarse)').matches) box.blur();
});

results.addEventListener('click', (event) => {
  const changed = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (changed) return;
  const value = event.target.closest('.value');
  if (more()?.contains(event.target)) {
    event.preventDefault();
    ask(new URL(more().href), true);
  } else if (meant()?.contains(event.target)) {
    event.preventDefault();
    box.value = meant().textContent;
    box.focus();
    search();
  } else if (value && (event.target.localName === 'button' || getSelection().isCollapsed)) copy(value);
});

document.addEventListener('keydown', (event) => {
  // Some keyboards have the slash behind Shift.
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || (event.shiftKey && event.key !== '/')) return;
  const stops = [box, ...results.querySelectorAll('tbody a, [rel=next], #meant')];
  const at = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isBox = document.activeElement === box;
  if (step && at !== -1) stops[at + step]?.focus();
  else if (event.key === '/' && !isBox) box.select();
  else if (event.key === 'Escape' && !isBox) box.focus();
  else if (event.key === 'Escape' && box.value) {
    box.value = '';
    search();
  } else return;
  event.preventDefault();
});

addEventListener('popstate', () => location.reload());
