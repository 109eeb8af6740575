// The page: one state, one render, one view at a time by the address after '#'.
import { html, nothing, render } from './lit-html.js';
import { key, onRefused } from './api.js';
import { jobsView } from './jobs.js';
import { newJobView } from './new-job.js';
import { jobView } from './job.js';
import { storedView } from './stored.js';

const main = document.getElementById('main');
let view = null;

const paint = () => {
  if (!view) return;
  render(view.template(), main);
  view.painted?.();
};

const open = moved => {
  view?.close?.();
  const [, where, id, more] = location.hash.split('/').map(decodeURIComponent);
  // Another view is another tree: nothing of the old one is kept.
  render(nothing, main);
  view = where === 'jobs' && id ? jobView(`jobs/${id}`, paint) : where === 'new' ? newJobView(paint, more ? `${id}/${more}` : '') : where === 'stored' ? storedView(paint) : jobsView(paint);
  document.title = view.title + ' · Kogata';
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === (where === 'new' ? '#/new' : location.hash || '#/')) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
  paint();
  if (moved) main.focus();
};

// ---- who calls
const dialog = document.getElementById('key-dialog');
const keyButton = document.getElementById('key');
const askKey = problem => {
  keyButton.hidden = false;
  keyButton.textContent = key.get() ? 'Change access key' : 'Access key';
  render(html`<form method="dialog" @submit=${keep}><h2 id="key-title">Who are you?</h2>
    <p>This gateway needs an access key or a token. It is kept in this tab only, and gone when the tab is closed.</p>
    ${problem && key.get() ? html`<p class="bad" role="alert">${problem.detail || problem.title}</p>` : nothing}
    <label for="key-field">Key or token</label><input id="key-field" name="key" type="password" autocomplete="off" spellcheck="false" required>
    <div class="row"><button class="main">Use it</button><button type="button" class="plain" @click=${() => dialog.close()}>Not now</button></div></form>`, dialog);
  if (!dialog.open) dialog.showModal();
};
const keep = event => {
  event.preventDefault();
  key.set(dialog.querySelector('#key-field').value.trim());
  dialog.querySelector('#key-field').value = '';
  dialog.close();
  keyButton.hidden = false;
  keyButton.textContent = 'Change access key';
  open(false);
};
onRefused(askKey);
keyButton.addEventListener('click', () => askKey());
keyButton.hidden = !key.get();
if (key.get()) keyButton.textContent = 'Change access key';

addEventListener('hashchange', () => open(true));
open(false);
