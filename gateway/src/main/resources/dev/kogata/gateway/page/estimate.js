// What a job would take, asked of the gateway whenever the form changes. The old numbers stay until there are new ones, so that nothing jumps.
import { html, nothing } from './lit-html.js';
import { Problem, post } from './api.js';
import { duration, percent, several, size, whole } from './numbers.js';
import { asProblem, problemBox, say } from './telling.js';

const QUIET = 300;

export const estimating = paint => {
  let estimate = null, reach = null, problem = null, asking = null, timer = null;

  const answered = async body => {
    const own = asking = new AbortController();
    paint();
    try {
      estimate = await post('/v1/jobs:estimate', body, {}, own.signal);
      problem = null;
      say(`What it would take: ${estimate.total_seconds !== undefined ? 'about ' + duration(estimate.total_seconds) : 'a time that is not known yet'}, at least ${size(estimate.memory_bytes)} of memory.`);
      reach = { minimum: estimate.minimum_bytes, maximum: estimate.maximum_bytes, dense: estimate.dense_bytes };
    } catch (e) {
      if (e.name === 'AbortError') return;
      problem = asProblem(e);
      estimate = null;
      const { minimum_bytes: minimum, maximum_bytes: maximum, dense_bytes: dense } = problem.metadata;
      // Separate limits are refused one by one: what is said then is not what the whole can reach.
      if (minimum && body.budget?.weights_ratio === undefined) reach = { minimum: Number(minimum), maximum: Number(maximum), dense: Number(dense) };
    }
    if (asking === own) asking = null;
    paint();
  };
  const row = (what, value, more) => html`<div><dt>${what}</dt><dd>${value}${more ? html` <span class="note">${more}</span>` : nothing}</dd></div>`;
  const time = e => e.total_seconds !== undefined ? row('Time', 'about ' + duration(e.total_seconds), `${whole(e.trials)} × ${duration(e.trial_seconds)} of search, ${duration(e.other_seconds)} for the rest`)
    : e.search_seconds !== undefined ? row('Search', 'about ' + duration(e.search_seconds), `${whole(e.trials)} × ${duration(e.trial_seconds)}`) : row('Time', 'unknown', 'nothing of this model was measured yet');
  const numbers = e => html`<dl>
    ${row('Dense', size(e.dense_bytes), 'with its caches')}
    ${e.budget_bytes > 0 ? row('Budget', size(e.budget_bytes), percent(e.budget_bytes / e.dense_bytes)) : nothing}
    ${row('Can reach', `${size(e.minimum_bytes)} to ${size(e.maximum_bytes)}`, `${percent(e.minimum_bytes / e.dense_bytes, 0)} to ${percent(e.maximum_bytes / e.dense_bytes, 0)}`)}
    ${row('Trials', whole(e.trials), e.trials_left !== undefined ? `${whole(e.trials_left)} left to your tenant` : '')}
    ${time(e)}
    ${row('Memory', 'at least ' + size(e.memory_bytes), 'in a worker')}</dl>
    <ul class="note">${e.notes.map(note => html`<li>${note}</li>`)}</ul>`;

  return {
    // body: of POST /v1/jobs, a Problem where the form cannot be read, or null where there is no model yet.
    ask: body => {
      clearTimeout(timer);
      asking?.abort();
      asking = null;
      if (body === null) [estimate, reach, problem] = [null, null, null];
      else if (body instanceof Problem) [estimate, problem] = [null, body];
      else timer = setTimeout(() => answered(body), QUIET);
      paint();
    },
    reach: () => reach,
    close: () => { clearTimeout(timer); asking?.abort(); },
    template: sending => html`<aside class="estimate" id="estimate" aria-labelledby="estimate-title" aria-busy=${String(asking !== null)}><h2 id="estimate-title">What it would take</h2>
      ${problem ? html`${problemBox(problem, false)}${problem.reason === 'BUDGET_UNREACHABLE' && reach ? html`<p>Ask for ${percent(Math.ceil(reach.minimum / reach.dense * 100) / 100, 0)} to ${percent(reach.maximum / reach.dense, 0)}: ${size(reach.minimum)} to ${size(reach.maximum)}.</p>` : nothing}` : estimate ? numbers(estimate)
        : html`<p class="muted">${sending ? 'Known as soon as the model is here.' : asking || reach ? 'Counting…' : 'Choose a model, and time, memory and what can be reached stand here before anything is started.'}</p>`}
    </aside>`,
  };
};
