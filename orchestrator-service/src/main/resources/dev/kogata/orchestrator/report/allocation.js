// What each layer got, and where the bytes are.
const layers = report.layers;
const cached = layers.filter(l => l.cache_format);
if (!answering) byId('allocation-text').textContent = 'Share of weights set to zero, under one budget. A vision encoder alone has no cache.';
chart('sparsity-chart', () => ({
  type: 'bar',
  data: { labels: layers.map(l => l.layer), datasets: [bar('sparsity', layers.map(l => l.sparsity * 100), 'main')] },
  options: { plugins: { legend: { display: false }, tooltip: { callbacks: { label: c => percent(layers[c.dataIndex].sparsity) } } },
    scales: { x: axis('layer', { grid: { display: false } }), y: axis('zeros, %', { min: 0, max: 100, ticks: { stepSize: 25 } }) } },
}));
if (cached.length > 0) {
  const asIs = 10, shown = v => v === 0 ? asIs : v;
  chart('bits-chart', () => ({
    type: 'bar',
    data: { labels: cached.map(l => l.layer), datasets: [bar('keys', cached.map(l => shown(l.key_bits)), 'second'), bar('values', cached.map(l => shown(l.value_bits)), 'third')] },
    options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => c.dataset.label + ': ' + (c.raw === asIs ? 'as is' : c.raw + ' bits') } } },
      scales: { x: axis('layer', { grid: { display: false } }),
        y: axis('bits in the cache', { min: 0, max: asIs, ticks: { stepSize: 2, callback: v => v === asIs ? 'as is' : v } }) } },
  }));
} else byId('bits-box').remove();
byId('layer-table').append(table([
  ['layer', l => l.layer], ['sparsity', l => percent(l.sparsity), true], ['weights', l => size(l.weight_bytes), true], ['dense', l => size(l.dense_weight_bytes), true],
  ['keys', l => l.cache_format ? bits(l.key_bits) : '–', true], ['values', l => l.cache_format ? bits(l.value_bits) : '–', true],
  ['cache', l => l.cache_format ? size(l.cache_bytes) : '–', true], ['dense', l => l.cache_format ? size(l.dense_cache_bytes) : '–', true],
  ['format', l => l.cache_format + (l.why ? `: ${l.why}` : '')]], layers),
table([['weight', w => w.name], ['role', w => w.role], ['stored', w => w.encoding], ['sparsity', w => percent(w.sparsity), true],
  ['bytes', w => whole(w.bytes), true], ['dense', w => whole(w.dense_bytes), true]], layers.flatMap(l => l.weights)));

chart('bytes-chart', () => ({
  type: 'bar',
  data: { labels: ['dense', 'compressed'], datasets: report.bytes.map((p, i) => ({ ...bar(p.part, [p.dense, p.delivered], ['dense', 'main', 'second'][i % 3]), stack: 'all' })) },
  options: { indexAxis: 'y', plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => c.dataset.label + ': ' + size(c.raw) } } },
    scales: { x: axis('', { stacked: true, ticks: { callback: v => size(v) } }), y: axis('', { stacked: true, grid: { display: false } }) } },
}));
byId('bytes-table').append(table([['part', p => p.part], ['dense, bytes', p => whole(p.dense), true], ['compressed, bytes', p => whole(p.delivered), true],
  ['', p => change(p.dense, p.delivered), true]],
[...report.bytes, { part: 'total', dense: budget.dense_bytes, delivered: budget.used_bytes }], p => p.part === 'total' ? 'chosen' : ''));
