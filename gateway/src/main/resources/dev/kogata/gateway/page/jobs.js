// My tenant's jobs, newest first.
import { html, nothing } from './lit-html.js';
import { get } from './api.js';
import { moment, percent, size } from './numbers.js';
import { asProblem, problemBox } from './telling.js';

export const words = state => ({ QUEUED: 'Waiting', INSPECTING: 'Inspecting', PROFILING: 'Profiling', SEARCHING: 'Searching', COMPRESSING: 'Compressing', VERIFYING: 'Verifying',
  SUCCEEDED: 'Succeeded', FAILED: 'Failed', CANCELLED: 'Cancelled' })[state] || state;
export const hasEnded = state => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state);
const AGAIN = 3000, PAGE = 25;

export const jobsView = paint => {
  let jobs = null, next = '', problem = null, timer = null, closed = false;
  const names = new Map();

  const name = job => names.get(job.request.model) || job.request.model;
  const learn = async model => {
    if (names.has(model)) return;
    names.set(model, '');
    try { names.set(model, (await get('/v1/' + model)).display_name); } catch { /* its own name will do */ }
  };
  const load = async (more = false) => {
    clearTimeout(timer);
    try {
      const page = await get(`/v1/jobs?page_size=${more ? PAGE : Math.max(PAGE, jobs?.length || 0)}&page_token=${encodeURIComponent(more ? next : '')}`);
      jobs = more ? [...jobs, ...page.jobs] : page.jobs;
      next = page.next_page_token;
      problem = null;
      await Promise.all(jobs.map(job => learn(job.request.model)));
    } catch (e) { problem = asProblem(e); }
    if (closed) return;
    paint();
    if (problem || jobs.some(job => !hasEnded(job.state))) timer = setTimeout(load, AGAIN);
  };
  load();

  // Roles, because a narrow window shows rows as blocks, and browsers then take them for no table by themselves.
  const row = job => html`<tr role="row">
    <th scope="row" role="rowheader"><a href=${'#/' + job.name}>${name(job)}</a><span class="note id">${job.name}</span></th>
    <td role="cell"><span class=${'state ' + job.state.toLowerCase()}>${words(job.state)}</span></td>
    <td role="cell"><progress max="1" .value=${job.progress} aria-label=${'Progress of ' + job.name}></progress> <span class="number">${percent(job.progress, 0)}</span></td>
    <td role="cell" class="number">${job.budget_bytes > 0 ? size(job.budget_bytes) : 'front'}<span class="note"> of ${size(job.dense_bytes)}</span></td>
    <td role="cell">${moment(job.create_time)}</td></tr>`;

  return {
    title: 'Jobs',
    close: () => { closed = true; clearTimeout(timer); },
    template: () => html`
      <div class="title"><h1>Jobs</h1><a class="button main" href="#/new">New job</a></div>
      ${problemBox(problem)}
      ${jobs === null ? problem ? nothing : html`<p class="muted">Loading…</p>`
        : jobs.length === 0 ? html`<div class="empty"><p>No jobs yet.</p><p class="muted">Give Kogata a model and a byte budget; it decides, layer by layer, what to prune and how narrow the caches can be.</p>
            <p><a class="button main" href="#/new">Compress a model</a></p></div>`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="Jobs"><table class="jobs" role="table"><thead><tr><th scope="col">Model</th><th scope="col">State</th><th scope="col">Progress</th>
            <th scope="col" class="number">Budget</th><th scope="col">Started</th></tr></thead><tbody role="rowgroup">${jobs.map(row)}</tbody></table></div>
            ${next ? html`<p><button type="button" class="plain" @click=${() => load(true)}>Show older jobs</button></p>` : nothing}`}`,
  };
};
