// The front of bytes against divergence, from the numbers in #report.
const front = JSON.parse(byId('report').textContent);
document.title = (front.model_name || front.model) + ' · Kogata front';
byId('title').textContent = front.model_name || front.model;
byId('lead').textContent = `${several(front.points.length, 'plan')} of ${whole(front.trials)} tried, none of which another one beats in both bytes and divergence.`;
byId('facts').textContent = `${front.job} · finished ${front.finished.replace('T', ' ').replace(/\..*|Z$/, '')} UTC · ${size(front.dense_bytes)} dense at ${whole(front.batch)} × ${whole(front.context)} tokens · seed ${front.seed}`;
byId('points').append(table([['point', p => p.point], ['bytes', p => whole(p.bytes), true], ['of dense', p => percent(p.share), true], ['search KL', p => nats(p.search_kl), true],
  ['selection KL', p => nats(p.selection_kl), true], ['held-out KL', p => plusMinus(p.heldout.kl, p.heldout.kl_standard_error), true], ['held-out exact', p => percent(p.heldout.exact), true]], front.points));
byId('deliver').textContent = `kogata jobs deliver ${front.job.replace('jobs/', '')} --point N --out DIR`;
byId('volume').textContent = `${percent(front.hypervolume)} of the rectangle of ${whole(front.reference.bytes)} bytes and ${front.reference.kl} nat lies above the front.`;
byId('remarks').append(...front.remarks.map(r => el('li', {}, r)));
if (front.remarks.length === 0) byId('remarks-box').remove();
chart('front-chart', () => ({
  type: 'scatter',
  data: { datasets: [
    { label: 'trials', data: front.history.filter(t => t.kl > 0).map(t => ({ x: t.bytes, y: t.kl })), backgroundColor: colour('second') },
    { label: 'front', type: 'line', stepped: 'before', data: front.points.filter(p => p.search_kl > 0).map(p => ({ x: p.bytes, y: p.search_kl })), borderColor: colour('main'), backgroundColor: colour('main') }] },
  options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => `${size(c.raw.x)}: ${nats(c.raw.y)} nats` } } },
    scales: { x: axis('bytes', { type: 'linear', ticks: { callback: v => size(v) } }), y: axis('KL on the search set (log)', { type: 'logarithmic', ticks: { maxTicksLimit: 8, callback: v => nats(v) } }) } },
}));
chart('volume-chart', () => ({
  type: 'line',
  data: { labels: front.progress.map(p => p.trials), datasets: [{ label: 'hypervolume', data: front.progress.map(p => p.hypervolume * 100), borderColor: colour('main'), pointRadius: 0 }] },
  options: { plugins: { legend: { display: false } }, scales: { x: axis('trials', { grid: { display: false } }), y: axis('hypervolume, %') } },
}));
