// A new job: a model, conversations, a budget; what it would take stands beside them.
import { html, nothing } from './lit-html.js';
import { get, post } from './api.js';
import { estimating } from './estimate.js';
import { percent, size } from './numbers.js';
import { part } from './part.js';
import { fieldsOf, requestOf } from './request.js';
import { settings } from './settings.js';
import { dataInWords, modelInWords } from './stored.js';
import { asProblem, problemBox } from './telling.js';

const KINDS = [['together', 'weights and caches together'], ['apart', 'weights and caches apart'], ['front', 'none: the front of bytes against loss']];

// from: models/ID, datasets/ID or jobs/ID that this one begins with; or empty.
export const newJobView = (paint, from) => {
  let problem = null, starting = false, closed = false, filled = {}, kind = 'together', key = ['', ''];
  const draw = () => { if (!closed) paint(); };
  const form = () => document.getElementById('job-form');
  const estimate = estimating(draw);
  const model = part({ id: 'model', collection: 'models', label: 'Model', words: modelInWords, early: true, paint: draw, changed: () => ask(),
    what: 'Drop a bundle here: its folder, or one tar or zip of it. It is sent at once, while you fill in the rest.' });
  const data = part({ id: 'data', collection: 'datasets', label: 'Conversations to calibrate on', words: dataInWords, optional: true, paint: draw,
    what: 'JSON lines with their pictures: a folder, files, or one tar or zip. Without any, the model talks to itself, which tells less.' });
  const heldout = part({ id: 'heldout', collection: 'datasets', label: 'Held-out conversations', words: dataInWords, optional: true, paint: draw,
    what: 'The same kind, for the report alone. Without any, a part of the others is held out.' });
  const parts = [model, data, heldout];

  const ask = () => {
    if (closed || !form() || !model.made()) return estimate.ask(null);
    try { estimate.ask({ ...requestOf(new FormData(form())), model: model.made().name }); } catch (e) { estimate.ask(asProblem(e)); }
  };
  const begin = async () => {
    await Promise.all(parts.map(p => p.load()));
    if (from.startsWith('models/')) await model.use(from);
    if (from.startsWith('datasets/')) await data.use(from);
    if (from.startsWith('jobs/')) {
      const { request } = await get('/v1/' + from);
      filled = fieldsOf(request);
      kind = filled['budget-kind'];
      draw();
      await model.use(request.model);
      if (request.dataset) await data.use(request.dataset);
      if (request.heldout) await heldout.use(request.heldout);
    }
    draw();
  };
  begin().catch(e => { problem = asProblem(e); draw(); });

  const start = async event => {
    event.preventDefault();
    problem = null;
    try {
      if (!model.given()) throw model.missing();
      const job = requestOf(new FormData(event.target));
      starting = true;
      paint();
      job.model = await model.send();
      if (data.given()) job.dataset = await data.send();
      if (heldout.given()) job.heldout = await heldout.send();
      // Asked again after an answer that was lost, it is the same job; any other body is another one.
      const body = JSON.stringify(job);
      if (key[0] !== body) key = [body, crypto.randomUUID?.() ?? String(Math.random()).slice(2)];
      const made = await post('/v1/jobs', job, { 'Idempotency-Key': key[1] });
      if (!closed) location.hash = '#/' + made.name;
    } catch (e) {
      problem = e.name === 'AbortError' ? null : asProblem(e);
      starting = false;
      draw();
      if (!closed) document.querySelector('#refused .problem')?.scrollIntoView({ block: 'nearest' });
    }
  };
  const change = event => {
    if (event.target.name === 'budget-kind') { kind = event.target.value; paint(); }
    ask();
  };

  const slid = event => { document.getElementById('budget').value = event.target.value + '%'; };
  // The part of the dense bytes that can be asked for, in whole per cent.
  const slider = reach => {
    const least = reach ? Math.ceil(reach.minimum / reach.dense * 100) : 0, most = reach ? Math.floor(reach.maximum / reach.dense * 100) : 100;
    const now = /^\s*([0-9.]+)\s*%\s*$/.exec(document.getElementById('budget')?.value || '');
    return html`<div class="reach"><input id="budget-range" type="range" min=${least} max=${most} step="1" .value=${String(now ? Number(now[1]) : most)} ?disabled=${!reach || least > most} aria-label="Budget, per cent of the model as it is" @input=${slid}>
      <p class="note ends">${reach ? html`<span>${size(reach.minimum)} (${percent(least / 100, 0)})</span><span>${size(reach.maximum)}</span>` : html`<span>What can be reached is known once the model is here.</span>`}</p></div>`;
  };
  const budgetBox = ({ field }) => html`<fieldset id="budget-box"><legend>Budget</legend>
    <div class="kinds" role="radiogroup" aria-label="What the budget is for">${KINDS.map(([value, words]) => html`<label class="tick"><input type="radio" name="budget-kind" value=${value} .checked=${kind === value}> ${words}</label>`)}</div>
    ${kind === 'together' ? html`${field('budget', 'Bytes of weights and caches', { value: '60%', hint: '60%, 0.6, 120MB, 120MiB or a number of bytes. It is used up to less than one row of one weight.' })}${slider(estimate.reach())}`
      : kind === 'apart' ? html`<div class="pair">${field('weights-budget', 'Share of the dense weights', { placeholder: '50%' })}${field('cache-budget', 'Share of the dense caches', { placeholder: '25%' })}</div>`
        : html`<p class="muted">Trials are spread over all budgets. The result is the front; any point of it becomes a bundle afterwards.</p>`}
    <div class="pair">${field('context', 'Tokens of context', { placeholder: '1024', mode: 'numeric' })}${field('batch', 'Sequences at once', { placeholder: '1', mode: 'numeric' })}</div></fieldset>`;

  return {
    title: 'New job',
    close: () => { closed = true; estimate.close(); parts.forEach(p => p.stop()); },
    template: () => {
      const more = settings(filled, model.made());
      return html`<h1>New job</h1>
      <form id="job-form" @submit=${start} @input=${change} novalidate>
        ${parts.map(p => p.template(starting))}
        <fieldset class="bare" ?disabled=${starting}><legend class="unseen">Settings</legend>${budgetBox(more)}${more.thresholds()}${more.advanced()}</fieldset>
        ${estimate.template(model.sending())}
        <div id="refused">${problemBox(problem)}</div>
        <div class="row end">${starting ? html`<button type="button" class="plain" @click=${() => parts.forEach(p => p.stop())}>Stop</button>` : nothing}
          <button class="main" ?disabled=${starting}>${starting ? parts.some(p => p.sending()) ? 'Uploading…' : 'Starting…' : 'Compress'}</button></div>
      </form>`;
    },
  };
};
