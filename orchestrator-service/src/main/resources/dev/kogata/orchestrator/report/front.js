'use strict';
// Draws the page of a front from the numbers in #report. Every text is set as text, never as markup.
(() => {
  const front = JSON.parse(document.getElementById('report').textContent);
  const byId = id => document.getElementById(id);
  const whole = v => v.toLocaleString('en', { maximumFractionDigits: 0 });
  const percent = v => (v * 100).toFixed(1) + ' %';
  const nats = v => typeof v === 'number' ? (v !== 0 && v < 0.001 ? v.toExponential(2) : v.toPrecision(3)) : String(v);
  const el = (name, ...children) => { const e = document.createElement(name); e.append(...children); return e; };
  const job = front.job.replace('jobs/', '');

  document.title = (front.model_name || front.model) + ' · Kogata front';
  byId('title').textContent = front.model_name || front.model;
  byId('lead').textContent = `${front.points.length} plans of ${front.trials} tried, none of which another one beats in both bytes and divergence.`;
  byId('facts').textContent = `${front.job} · finished ${front.finished} · ${whole(front.dense_bytes)} bytes dense at batch ${front.batch}, ${whole(front.context)} tokens · seed ${front.seed}`;

  const columns = [['point', p => p.point], ['bytes', p => whole(p.bytes)], ['of dense', p => percent(p.share)], ['search KL', p => nats(p.search_kl)],
    ['selection KL', p => nats(p.selection_kl)], ['held-out KL', p => `${nats(p.heldout.kl)} ± ${nats(p.heldout.kl_standard_error)}`], ['held-out exact', p => percent(p.heldout.exact)]];
  const wrapped = el('div', el('table', el('thead', el('tr', ...columns.map(([t]) => el('th', t)))),
    el('tbody', ...front.points.map(p => el('tr', ...columns.map(([, cell]) => el('td', String(cell(p)))))))));
  wrapped.className = 'scroll';
  byId('points').append(wrapped, el('p', 'Any point becomes a bundle without a new search: ', el('code', `kogata jobs deliver ${job} --point N --out DIR`)));
  byId('volume').textContent = `${percent(front.hypervolume)} of the rectangle of ${whole(front.reference.bytes)} bytes and ${front.reference.kl} nat lies above the front.`;
  byId('remarks').append(...front.remarks.map(r => el('li', r)));

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  const axis = (title, more = {}) => ({ title: { display: true, text: title }, ...more });
  const megabytes = v => v / 1e6;
  new Chart(byId('front-chart'), {
    type: 'scatter',
    data: { datasets: [
      { label: 'trials', data: front.history.filter(t => t.kl > 0).map(t => ({ x: megabytes(t.bytes), y: t.kl })), backgroundColor: colour('second') },
      { label: 'front', type: 'line', stepped: 'before', data: front.points.filter(p => p.search_kl > 0).map(p => ({ x: megabytes(p.bytes), y: p.search_kl })), borderColor: colour('main'), backgroundColor: colour('main') }] },
    options: { scales: { x: axis('MB', { type: 'linear' }), y: axis('KL on the search set', { type: 'logarithmic' }) } },
  });
  new Chart(byId('volume-chart'), {
    type: 'line',
    data: { labels: front.progress.map(p => p.trials), datasets: [{ label: 'hypervolume', data: front.progress.map(p => p.hypervolume), borderColor: colour('main'), pointRadius: 0 }] },
    options: { plugins: { legend: { display: false } }, scales: { x: axis('trials'), y: axis('hypervolume') } },
  });
})();
