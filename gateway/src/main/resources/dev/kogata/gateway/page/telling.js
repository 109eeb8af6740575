// How views tell what happened: errors in words, and to those who do not see the page.
import { html, nothing } from './lit-html.js';
import { Problem } from './api.js';

const live = document.getElementById('live');

// Said to those who do not see the page; once, and not at every trial.
export const say = text => { if (live.textContent !== text) live.textContent = text; };

// A sentence in which the names of jobs lead to them.
const linked = sentence => sentence.split(/(jobs\/[A-Za-z0-9-]+)/).map((part, i) => i % 2 === 1 ? html`<a href=${'#/' + part}>${part}</a>` : part);

// alert: said at once to those who do not see it; not where it changes with every key.
export const problemBox = (problem, alert = true) => problem ? html`
  <div class="problem" role=${alert ? 'alert' : 'status'}><h2>${problem.title}</h2>${problem.detail ? html`<p>${linked(problem.detail)}</p>` : nothing}
  ${problem.reason ? html`<p class="note">Reason: <code>${problem.reason}</code></p>` : nothing}</div>` : nothing;

export const asProblem = error => error instanceof Problem ? error : new Problem({ title: 'The page itself failed', detail: String(error?.message || error) });
