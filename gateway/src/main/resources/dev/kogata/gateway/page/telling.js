// How views tell what happened: errors in words, and to those who do not see the page.
import { html, nothing } from './lit-html.js';
import { Problem } from './api.js';

const live = document.getElementById('live');

// Said to those who do not see the page; once, and not at every trial.
export const say = text => { if (live.textContent !== text) live.textContent = text; };

export const problemBox = problem => problem ? html`
  <div class="problem" role="alert"><h2>${problem.title}</h2>${problem.detail ? html`<p>${problem.detail}</p>` : nothing}
  ${problem.reason ? html`<p class="note">Reason: <code>${problem.reason}</code></p>` : nothing}</div>` : nothing;

export const asProblem = error => error instanceof Problem ? error : new Problem({ title: 'The page itself failed', detail: String(error?.message || error) });
