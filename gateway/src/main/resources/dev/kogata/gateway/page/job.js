// One job as it happens: stages, the search, the allocation; then its result.
import { html, nothing } from './lit-html.js';
import { get, post, remove } from './api.js';
import { drawCharts } from './charts.js';
import { confirmed } from './dialog.js';
import { nats, percent, size, whole } from './numbers.js';
import { asProblem, problemBox, say } from './telling.js';
import { hasEnded, words } from './jobs.js';
import { resultView } from './result.js';

const STAGES = ['QUEUED', 'INSPECTING', 'PROFILING', 'SEARCHING', 'COMPRESSING', 'VERIFYING', 'SUCCEEDED'];
const WAIT = '20s', AGAIN = 1500;

export const jobView = (name, paint) => {
  const watching = new AbortController();
  let job = null, model = null, trials = [], best = null, latest = null, which = 'best', problem = null, cancelling = false, removing = false, result = null, queued = false;

  // Events come in bursts; the page is painted once for each frame.
  const soon = () => {
    if (queued || watching.signal.aborted) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; if (!watching.signal.aborted) paint(); });
  };
  const happened = event => {
    Object.assign(job, { state: event.state, progress: event.progress, message: event.message });
    if (event.error) job.error = event.error;
    if (event.trial) {
      trials.push(event.trial);
      latest = event.trial;
      if (event.trial.best_number === event.trial.number) best = event.trial;
    }
  };
  const pause = () => new Promise(done => setTimeout(done, AGAIN));
  const watch = async () => {
    let after = 0;
    while (!watching.signal.aborted) {
      try {
        if (job === null) {
          job = await get('/v1/' + name);
          soon();
          // A model may go before the jobs that used it: then its resource name will do.
          get('/v1/' + job.request.model).then(known => { model = known.display_name; soon(); }).catch(() => { });
        }
        const events = await get(`/v1/${name}/events?after=${after}&wait=${WAIT}`, { signal: watching.signal });
        events.forEach(event => { happened(event); after = event.sequence; });
        problem = null;
        if (events.length > 0) say(`${words(job.state)}. ${hasEnded(job.state) ? job.message : ''}`);
        if (hasEnded(job.state) && after >= (job.last_sequence || 0) && events.length === 0) break;
        if (hasEnded(job.state)) job = { ...job, ...await get('/v1/' + name) };
        soon();
      } catch (e) {
        if (e.name === 'AbortError') return;
        problem = asProblem(e);
        soon();
        if (problem.status === 404 || problem.status === 401) return;
        await pause();
      }
    }
    if (job?.state === 'SUCCEEDED' && !watching.signal.aborted) {
      result = resultView(name, soon);
      soon();
    }
  };
  watch();

  const cancel = async () => {
    if (!await confirmed({ title: 'Cancel this job?', text: 'What it has done so far is kept as a record, but it gives no result.', act: 'Cancel the job' })) return;
    cancelling = true;
    paint();
    try { Object.assign(job, await post(`/v1/${name}:cancel`)); } catch (e) { problem = asProblem(e); }
    cancelling = false;
    soon();
  };

  const drop = async () => {
    if (!await confirmed({ title: 'Remove this job?', text: 'Its result, report and record are gone for good. Model and conversations stay.', act: 'Remove the job' })) return;
    removing = true;
    problem = null;
    paint();
    try {
      await remove('/v1/' + name);
      say('The job is removed.');
      if (!watching.signal.aborted) location.hash = '#/';
    } catch (e) { problem = asProblem(e); }
    removing = false;
    soon();
  };

  const stage = (state, i) => {
    const reached = STAGES.indexOf(job.state), failed = reached < 0;
    const done = !failed && i < reached || job.state === 'SUCCEEDED';
    return html`<li class=${done ? 'done' : i === reached ? 'now' : ''} aria-current=${i === reached ? 'step' : nothing}>${words(state)}${done ? html`<span class="unseen"> (done)</span>` : nothing}</li>`;
  };
  const shown = () => which === 'best' ? best : latest;
  const search = () => html`<section aria-labelledby="search-title"><h2 id="search-title">Search</h2>
    <p class="muted">${whole(trials.length)} of ${whole(latest.trials)} trials · ${job.request.pareto ? 'spread over all budgets' : html`best loss ${nats(latest.best_loss)}${job.objective === 'feature-error' ? ' (feature error)' : ' nats'} (trial ${latest.best_number})${job.request.search === 'paper' ? nothing : ' · every trial uses the whole budget'}`}</p>
    <div class="chart"><canvas id="search-chart" role="img" aria-label=${`Loss of ${trials.length} trials; the best is ${nats(latest.best_loss)}${job.objective === 'feature-error' ? '' : ' nats'}`}></canvas></div>
    <div class="title"><h2>What each layer gets</h2><div class="choice" role="group" aria-label="Which plan is shown">
      ${['best', 'latest'].map(w => html`<button type="button" class="plain" aria-pressed=${String(which === w)} @click=${() => { which = w; paint(); }}>${w === 'best' ? 'Best so far' : 'Latest trial'}</button>`)}</div></div>
    <div class="two"><div class="chart"><canvas id="sparsity-chart" role="img" aria-label="Share of zeros by layer; the table has the numbers"></canvas></div>
      ${shown().layers.some(l => l.key_bits || l.value_bits) ? html`<div class="chart"><canvas id="bits-chart" role="img" aria-label="Cache bits by layer; the table has the numbers"></canvas></div>` : nothing}</div>
    <details><summary>In numbers</summary><div class="scroll" tabindex="0" role="group" aria-label="Allocation"><table><thead><tr><th scope="col">layer</th><th scope="col" class="number">zeros</th>
      <th scope="col" class="number">keys</th><th scope="col" class="number">values</th></tr></thead><tbody>${shown().layers.map(l => html`<tr><th scope="row">${l.layer}</th><td class="number">${percent(l.sparsity)}</td>
      <td class="number">${l.key_bits ? l.key_bits + ' bits' : 'as is'}</td><td class="number">${l.value_bits ? l.value_bits + ' bits' : 'as is'}</td></tr>`)}</tbody></table></div></details></section>`;

  return {
    title: 'Job',
    close: () => { watching.abort(); result?.close(); },
    painted: () => { if (latest) drawCharts({ trials, objective: job.objective, layers: (shown() || latest).layers }); result?.painted(); },
    template: () => job === null ? html`<h1>${name}</h1>${problem ? problemBox(problem) : html`<p class="muted">Loading…</p>`}` : html`
      <div class="title"><h1>${model || job.request.model}</h1><span class=${'state ' + job.state.toLowerCase()}>${words(job.state)}</span></div>
      <p class="muted">${name} · ${size(job.dense_bytes)}${job.budget_bytes > 0 ? ` to ${size(job.budget_bytes)} (${percent(job.budget_bytes / job.dense_bytes)})` : ', a front of bytes against loss'} at ${whole(job.request.workload.batch)} × ${whole(job.request.workload.context)} tokens</p>
      <ol class="stages" aria-label="Stages">${STAGES.map(stage)}</ol>
      <p class="bar"><progress max="1" .value=${job.progress} aria-label="Progress of the job"></progress> <span class="number">${percent(job.progress, 0)}</span></p>
      ${job.state === 'FAILED' ? problemBox({ title: 'The job failed', detail: job.error?.message || job.message, reason: job.error?.details?.find(d => d.reason)?.reason })
        : html`<p id="message">${job.message}</p>`}
      ${problemBox(problem)}
      ${hasEnded(job.state) ? nothing : html`<p><button type="button" id="cancel" class="plain danger" ?disabled=${cancelling} @click=${cancel}>${cancelling ? 'Cancelling…' : 'Cancel the job'}</button></p>`}
      ${result ? result.template() : nothing}
      ${latest ? search() : nothing}
      ${hasEnded(job.state) ? html`<p class="row foot"><a class="button plain" href=${'#/new/' + name}>Start one like it</a>
        <button type="button" id="remove" class="plain danger" ?disabled=${removing} @click=${drop}>${removing ? 'Removing…' : 'Remove the job'}</button></p>` : nothing}`,
  };
};
