// Models and conversations of my tenant: what they are, use them again, remove them.
import { html, nothing } from './lit-html.js';
import { get, remove } from './api.js';
import { confirmed } from './dialog.js';
import { moment, several, size } from './numbers.js';
import { asProblem, problemBox, say } from './telling.js';

const PAGE = 50;

export const modelInWords = model => {
  const { layout, components, cache_layers: caches } = model.inspection;
  return `${layout} · ${components.map(c => c.name.replaceAll('_', ' ')).join(', ')} · ${several(caches.length, 'cached layer')}`;
};
export const dataInWords = ({ inspection: i }) => `${several(i.conversations, 'conversation')}, ${several(i.turns, 'answer')}, ${i.with_images > 0 ? `${several(i.with_images, 'conversation')} with pictures` : 'no pictures'}`;

export const storedView = paint => {
  const kinds = [
    { collection: 'models', one: 'model', title: 'Models', none: 'No models yet. One is kept as soon as it is uploaded for a job.', words: modelInWords },
    { collection: 'datasets', one: 'dataset', title: 'Conversations', none: 'No conversations yet.', words: dataInWords },
  ].map(kind => ({ ...kind, items: null, next: '', problem: null, busy: '' }));
  let usage = null, closed = false;

  const load = async (kind, more = false) => {
    try {
      const page = await get(`/v1/${kind.collection}?page_size=${PAGE}&page_token=${encodeURIComponent(more ? kind.next : '')}`);
      kind.items = more ? [...kind.items, ...page[kind.collection]] : page[kind.collection];
      kind.next = page.next_page_token;
    } catch (e) { kind.problem = asProblem(e); }
    if (!closed) paint();
  };
  const count = () => get('/v1/usage').then(u => { usage = u; if (!closed) paint(); }).catch(() => { /* a line less */ });
  kinds.forEach(kind => load(kind));
  count();

  const drop = async (kind, item) => {
    const name = item.display_name || item.name;
    if (!await confirmed({ title: `Remove the ${kind.one} “${name}”?`, act: 'Remove it',
      text: `${size(item.size_bytes)} are given back. Results of jobs that used it stay, but those jobs can no longer be continued.` })) return;
    kind.problem = null;
    kind.busy = item.name;
    paint();
    try {
      await remove('/v1/' + item.name);
      kind.items = kind.items.filter(i => i.name !== item.name);
      say(`The ${kind.one} ${name} is removed.`);
      count();
    } catch (e) { kind.problem = asProblem(e); }
    kind.busy = '';
    if (closed) return;
    paint();
    document.getElementById(kind.collection + '-title')?.focus();
  };

  // Roles, because a narrow window shows rows as blocks, and browsers then take them for no table by themselves.
  const row = kind => item => html`<tr role="row"><th scope="row" role="rowheader">${item.display_name || item.name}<span class="note id">${item.name}</span></th>
    <td role="cell">${kind.words(item)}</td><td role="cell" class="number">${size(item.size_bytes)}</td><td role="cell" class="moment">${moment(item.create_time)}</td>
    <td role="cell" class="acts"><a class="button plain" href=${'#/new/' + item.name} aria-label=${`Use the ${kind.one} ${item.display_name} for a new job`}>Use</a>
      <button type="button" class="plain danger" ?disabled=${kind.busy !== ''} aria-label=${`Remove the ${kind.one} ${item.display_name}`} @click=${() => drop(kind, item)}>${kind.busy === item.name ? 'Removing…' : 'Remove'}</button></td></tr>`;
  const section = kind => html`<section aria-labelledby=${kind.collection + '-title'}><h2 id=${kind.collection + '-title'} tabindex="-1">${kind.title}</h2>
    ${problemBox(kind.problem)}
    ${kind.items === null ? kind.problem ? nothing : html`<p class="muted">Loading…</p>` : kind.items.length === 0 ? html`<p class="muted">${kind.none}</p>`
      : html`<div class="scroll" tabindex="0" role="group" aria-label=${kind.title}><table class="stored" role="table"><thead><tr><th scope="col">Name</th><th scope="col">What it is</th><th scope="col" class="number">Size</th>
        <th scope="col">Added</th><td></td></tr></thead><tbody role="rowgroup">${kind.items.map(row(kind))}</tbody></table></div>
        ${kind.next ? html`<p><button type="button" class="plain" @click=${() => load(kind, true)}>Show older ones</button></p>` : nothing}`}</section>`;

  return {
    title: 'Models and data',
    close: () => { closed = true; },
    template: () => html`<div class="title"><h1>Models and data</h1><a class="button main" href="#/new">New job</a></div>
      <p class="muted">${usage === null ? '\u00a0' : usage.bytes_limit > 0 ? `${size(usage.bytes)} of ${size(usage.bytes_limit)} used.` : `${size(usage.bytes)} used.`} What is here can be used for any number of jobs without uploading it again.</p>
      ${kinds.map(section)}`,
  };
};
