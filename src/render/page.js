// Searches as one types: asks this page's own address for the list, and puts what comes in the place of what is
// shown. Without this script the same form, links and pages do the same by themselves.
const [box, status, results, again] = ['q', 'status', 'results', 'again'].map((id) => document.getElementById(id));
const { form } = box;

const PAUSE = 60; // milliseconds from one search to the next at least
const SLOW = 500; // milliseconds before a reader is told that it takes its time
const PATIENCE = 15000; // milliseconds before a search has failed

let begun = -PAUSE; // when the last search began
let pause; // the timer of the next one, while it waits
let current; // the search that is under way; what comes for any other is dropped
let opening = false; // was Enter pressed, so that an id that was typed is opened?

const rows = () => results.querySelectorAll('tbody tr');
const more = () => results.querySelector('[rel=next]');
const meant = () => document.getElementById('meant');

function say(words, look) {
  status.textContent = words;
  status.className = look;
}

// Ends the search that is under way, or about to be.
function stop() {
  clearTimeout(pause);
  current?.timers.forEach(clearTimeout);
  current?.abort.abort();
  form.classList.remove('waiting');
  pause = current = undefined;
}

// Searches for what is in the box now.
function search() {
  const address = new URL(location);
  address.hash = '';
  address.search = new URLSearchParams({ q: box.value.trim(), format: 'html' });
  begun = performance.now();
  ask(address, false);
}

// Asks for a list, or for the page that goes on from the one that is shown.
async function ask(address, goesOn) {
  stop();
  const abort = new AbortController();
  const timers = [setTimeout(say, SLOW, 'Searching…', 'status'), setTimeout(() => abort.abort(), PATIENCE)];
  const mine = (current = { abort, timers });
  form.classList.add('waiting');
  const done = await load(address, abort.signal).then(
    (page) => () => show(page, address, goesOn),
    (error) => () => fail(error, address, goesOn),
  );
  if (mine !== current) return;
  stop();
  done();
  opening = false;
}

async function load(address, signal) {
  let reply, text;
  try {
    reply = await fetch(address, { signal });
    text = await reply.text();
  } catch {
    throw new Error('The server does not answer. Is there a connection?');
  }
  const page = new DOMParser().parseFromString(text, 'text/html');
  if (reply.ok && page.getElementById('results')) return page;
  // A page of the web server's own has no such line: the status has to do.
  throw new Error(page.getElementById('status')?.textContent || `The server cannot answer now (status ${reply.status}).`);
}

function show(page, address, goesOn) {
  const pressed = [more(), again].includes(document.activeElement);
  const found = page.getElementById('results');
  const first = found.querySelector('tbody a');
  if (goesOn) found.querySelector('tbody')?.prepend(...rows());
  else history.replaceState(null, '', address);
  results.replaceChildren(...found.childNodes);
  again.hidden = true;
  document.title = page.title;
  // How many there are on its own page, and so here: with those that were here before.
  const { textContent, className } = page.getElementById('status');
  say(textContent.replace(/^\d+/, () => rows().length), className);
  const typed = [...rows()].find((row) => row.cells[1].textContent === box.value.trim());
  if (opening && typed) typed.querySelector('a').click();
  // The link may be gone; whoever pressed it goes on from what it brought.
  else if (pressed) (first ?? box).focus();
}

function fail(error, address, goesOn) {
  if (!goesOn) results.replaceChildren();
  again.hidden = false;
  again.onclick = () => ask(address, goesOn);
  say(error.message, 'alarm');
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
});

results.addEventListener('click', (event) => {
  const changed = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (changed) return;
  if (more()?.contains(event.target)) {
    event.preventDefault();
    ask(new URL(more().href), true);
  } else if (meant()?.contains(event.target)) {
    event.preventDefault();
    box.value = meant().textContent;
    box.focus();
    search();
  }
});

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const stops = [box, ...results.querySelectorAll('tbody a, [rel=next], #meant')];
  const at = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || at === -1) return;
  event.preventDefault();
  stops[at + step]?.focus();
});
