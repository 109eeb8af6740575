// A new job: a model, conversations, a budget.
import { html, nothing } from './lit-html.js';
import { Problem, get, post } from './api.js';
import { chosen, dropped, namedBy } from './drop.js';
import { budget, several, share, size } from './numbers.js';
import { asProblem, problemBox, say } from './telling.js';
import { uploadAll } from './upload.js';

const sum = files => files.reduce((bytes, f) => bytes + f.file.size, 0);

export const newJobView = paint => {
  const parts = {
    model: { label: 'Model', what: 'a bundle: its folder, or one tar or zip of it', files: [], name: '', stored: [], use: '' },
    data: { label: 'Conversations to calibrate on', optional: true, what: 'JSON lines with their pictures: a folder, files, or one tar or zip; without any, the model talks to itself, which tells less', files: [], name: '', lines: '', stored: [], use: '' },
    heldout: { label: 'Held-out conversations', optional: true, what: 'the same kind; without any, a part of the others is held out', files: [], name: '', lines: '', stored: [], use: '' },
  };
  let problem = null, running = null, closed = false;

  Promise.all([get('/v1/models?page_size=50'), get('/v1/datasets?page_size=50')]).then(([models, datasets]) => {
    parts.model.stored = models.models;
    parts.data.stored = parts.heldout.stored = datasets.datasets;
    if (!closed) paint();
  }).catch(e => { problem = asProblem(e); if (!closed) paint(); });

  const linesOf = part => part.files.filter(f => /\.jsonl$/i.test(f.path));
  const take = (part, { name, files }) => {
    Object.assign(part, { name, files: files.sort((a, b) => a.path < b.path ? -1 : 1), use: '' });
    if ('lines' in part) part.lines = linesOf(part)[0]?.path || '';
    say(`${part.label}: ${several(files.length, 'file')}, ${size(sum(files))}.`);
    paint();
  };
  const drop = part => async event => {
    event.preventDefault();
    event.currentTarget.classList.remove('over');
    try { take(part, await dropped(event.dataTransfer)); } catch (e) { problem = asProblem(e); paint(); }
  };
  const over = on => event => { event.preventDefault(); event.currentTarget.classList.toggle('over', on); };

  const zone = (id, part) => html`<fieldset class="zone" ?disabled=${running !== null} @drop=${drop(part)} @dragover=${over(true)} @dragleave=${over(false)}>
    <legend>${part.label}${part.optional ? html` <span class="note">optional</span>` : nothing}</legend>
    <p class="muted">Drop here ${part.what}.</p>
    <div class="row">
      <label class="button plain">Choose a folder<input class="unseen" id=${id + '-folder'} type="file" webkitdirectory @change=${e => take(part, chosen(e.target))}></label>
      <label class="button plain">Choose files<input class="unseen" id=${id + '-files'} type="file" multiple @change=${e => take(part, chosen(e.target))}></label>
      ${part.stored.length > 0 ? html`<label class="inline">or <select id=${id + '-stored'} aria-label=${`${part.label}: one that is here already`} @change=${e => { part.use = e.target.value; if (part.use) part.files = []; paint(); }}>
        <option value="" ?selected=${!part.use}>one that is here already…</option>
        ${part.stored.map(s => html`<option value=${s.name} ?selected=${part.use === s.name}>${s.display_name || s.name} · ${size(s.size_bytes)}</option>`)}</select></label>` : nothing}
    </div>
    ${part.files.length > 0 ? html`<p class="taken"><strong>${part.name}</strong> · ${several(part.files.length, 'file')} · ${size(sum(part.files))}</p>` : nothing}
    ${'lines' in part && linesOf(part).length > 1 ? html`<label>Which file<select id=${id + '-lines'} @change=${e => { part.lines = e.target.value; }}>
      ${linesOf(part).map(f => html`<option ?selected=${f.path === part.lines}>${f.path}</option>`)}</select></label>` : nothing}
    ${part.progress ? html`<p><progress max=${part.progress.all || 1} .value=${part.progress.sent} aria-label=${'Upload: ' + part.label}></progress>
      <span class="number">${part.progress.done ? 'uploaded' : `${size(part.progress.sent)} of ${size(part.progress.all)}`}</span></p>` : nothing}
  </fieldset>`;

  const field = (id, label, more) => html`<label for=${id}>${label}</label><input id=${id} name=${id} ?disabled=${running !== null} type="text" autocomplete="off" spellcheck="false"
    placeholder=${more.placeholder || ''} .defaultValue=${more.value || ''} inputmode=${more.mode || 'text'} aria-describedby=${more.hint ? id + '-hint' : nothing}>
    ${more.hint ? html`<p class="note" id=${id + '-hint'}>${more.hint}</p>` : nothing}`;

  // The files to upload: for conversations only the chosen lines and what they name.
  const toUpload = async part => {
    const lines = linesOf(part).find(f => f.path === part.lines);
    return lines ? namedBy(lines, part.files) : part.files;
  };
  const stored = async (part, collection, signal) => {
    if (part.use) return part.use;
    const files = await toUpload(part);
    part.progress = { sent: 0, all: sum(files) };
    const uploads = await uploadAll(files, signal, sent => { part.progress.sent = sent; paint(); });
    part.progress.done = true;
    say(`${part.label}: uploaded, being read.`);
    paint();
    const made = await post('/v1/' + collection, { uploads, display_name: part.name });
    part.use = made.name;
    return made.name;
  };
  const missing = (part, what) => new Problem({ title: `${part.label}: nothing is chosen`, detail: `Drop ${what} into the box, or choose it there.` });

  const request = form => {
    const asked = budget(form.get('budget'));
    if (!asked) throw new Problem({ title: 'The budget is no budget', detail: `“${form.get('budget')}” cannot be read; write 60%, 0.6, 120MB, 120MiB or a number of bytes.`, reason: 'BUDGET_INVALID' });
    const job = { budget: asked, workload: {}, thresholds: {} };
    const number = (to, name, from, read = v => Number(v)) => {
      const text = form.get(from)?.trim();
      if (!text) return;
      const value = read(text);
      if (value === null || Number.isNaN(value)) throw new Problem({ title: `${document.querySelector(`label[for="${from}"]`).textContent}: not a number`, detail: `“${text}” cannot be read.`, reason: 'ARGUMENT_INVALID' });
      to[name] = value;
    };
    number(job.workload, 'batch', 'batch');
    number(job.workload, 'context', 'context');
    number(job, 'trials', 'trials');
    number(job, 'seed', 'seed');
    for (const name of ['format', 'method', 'final']) if (form.get(name)?.trim()) job[name] = form.get(name).trim();
    number(job.thresholds, 'max_accuracy_loss', 'accuracy', share);
    number(job.thresholds, 'max_latency_increase', 'latency', share);
    number(job.thresholds, 'max_kl', 'kl');
    number(job.thresholds, 'max_process_bytes', 'process', text => budget(text)?.bytes ?? null);
    if (Object.keys(job.thresholds).length === 0) delete job.thresholds;
    return job;
  };

  const start = async event => {
    event.preventDefault();
    const form = new FormData(event.target), stop = new AbortController();
    problem = null;
    try {
      if (!parts.model.files.length && !parts.model.use) throw missing(parts.model, 'a bundle');
      const job = request(form);
      running = stop;
      paint();
      job.model = await stored(parts.model, 'models', stop.signal);
      for (const [field, part] of [['dataset', parts.data], ['heldout', parts.heldout]]) {
        if (part.files.length || part.use) job[field] = await stored(part, 'datasets', stop.signal);
      }
      const made = await post('/v1/jobs', job, { 'Idempotency-Key': crypto.randomUUID?.() ?? String(Math.random()) });
      running = null;
      if (!closed) location.hash = '#/' + made.name;
    } catch (e) {
      problem = stop.signal.aborted ? null : asProblem(e);
      running = null;
      Object.values(parts).forEach(part => { if (!part.progress?.done) delete part.progress; });
      if (!closed) { paint(); document.querySelector('.problem')?.scrollIntoView({ block: 'nearest' }); }
    }
  };

  return {
    title: 'New job',
    close: () => { closed = true; running?.abort(new DOMException('left', 'AbortError')); },
    template: () => html`
      <h1>New job</h1>
      <form @submit=${start} novalidate>
        ${zone('model', parts.model)}
        ${zone('data', parts.data)}
        ${zone('heldout', parts.heldout)}
        <fieldset><legend>Budget</legend>
          ${field('budget', 'Bytes of weights and cache together', { value: '60%', hint: '60%, 0.6, 120MB, 120MiB or a number of bytes. It is used up to less than one row of one weight.' })}
          <div class="pair"><div>${field('context', 'Tokens of context', { placeholder: '1024', mode: 'numeric' })}</div><div>${field('batch', 'Sequences at once', { placeholder: '1', mode: 'numeric' })}</div></div>
        </fieldset>
        <details><summary>Go or no-go</summary><fieldset><legend class="unseen">Thresholds</legend>
          <p class="muted">With any of these the report says go or no-go.</p>
          <div class="pair"><div>${field('accuracy', 'Most loss of exact answers', { placeholder: '1%' })}</div><div>${field('latency', 'Most increase of time per token', { placeholder: '20%' })}</div>
          <div>${field('kl', 'Most KL divergence, nats', { placeholder: '0.01', mode: 'decimal' })}</div><div>${field('process', 'Most memory of the process', { placeholder: '2GiB' })}</div></div></fieldset></details>
        <details><summary>More</summary><fieldset><legend class="unseen">More settings</legend>
          <div class="pair"><div>${field('trials', 'Trials of the search', { placeholder: '100', mode: 'numeric' })}</div><div>${field('seed', 'Seed', { placeholder: '7', mode: 'numeric' })}</div>
          <div>${field('method', 'Pruning method', { placeholder: 'default' })}</div><div>${field('final', 'Final pass', { placeholder: 'default' })}</div><div>${field('format', 'Cache format', { placeholder: 'default' })}</div></div></fieldset></details>
        ${problemBox(problem)}
        <div class="row end">${running ? html`<button type="button" class="plain" @click=${() => { running.abort(new DOMException('stopped', 'AbortError')); }}>Stop</button>` : nothing}
          <button class="main" ?disabled=${running !== null}>${running ? 'Uploading…' : 'Compress'}</button></div>
      </form>`,
  };
};
