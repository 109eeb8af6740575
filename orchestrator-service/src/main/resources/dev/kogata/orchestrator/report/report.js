'use strict';
// Draws the page from the numbers in #report. Every text is set as text, never as markup.
(() => {
  const report = JSON.parse(document.getElementById('report').textContent);
  const byId = id => document.getElementById(id);

  // ---- numbers as people read them
  const isNumber = v => typeof v === 'number' && Number.isFinite(v);
  const digits = (v, n) => isNumber(v) ? v.toLocaleString('en', { minimumFractionDigits: n, maximumFractionDigits: n }) : String(v);
  const whole = v => digits(v, 0);
  const percent = (v, n = 1) => isNumber(v) ? digits(v * 100, n) + ' %' : String(v);
  const nats = v => !isNumber(v) ? String(v) : v === 0 ? '0' : Math.abs(v) < 0.001 ? v.toExponential(2) : v.toPrecision(3);
  const size = v => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let u = 0;
    while (v >= 1000 && u < units.length - 1) { v /= 1000; u++; }
    return (u === 0 ? whole(v) : v.toPrecision(v >= 1000 ? 4 : 3)) + ' ' + units[u];
  };
  const time = s => s >= 1 ? digits(s, 2) + ' s' : s >= 0.001 ? (s * 1e3).toPrecision(3) + ' ms' : (s * 1e6).toPrecision(3) + ' µs';
  const change = (dense, now) => {
    if (!(dense > 0)) return '';
    const points = Math.round((now / dense - 1) * 100);
    return (points < 0 ? '−' : points > 0 ? '+' : '±') + Math.abs(points) + ' %';
  };
  const bits = v => v === 0 ? 'as is' : v + ' bits';

  // ---- elements
  const el = (name, attributes = {}, ...children) => {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    for (const c of children) e.append(c);
    return e;
  };
  // columns: [title, cell function, is a number]
  const table = (columns, rows, rowClass = () => '') => {
    const head = el('tr', {}, ...columns.map(([title, , number]) => el('th', number ? { class: 'number' } : {}, title)));
    const body = rows.map(r => el('tr', { class: rowClass(r) }, ...columns.map(([, cell, number]) => {
      const value = cell(r);
      return el('td', number ? { class: 'number' } : {}, value instanceof Node ? value : String(value));
    })));
    return el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...body)));
  };

  // ---- head
  const name = report.model.display_name || report.model.name;
  const held = report.heldout, dense = held.dense, delivered = held.delivered;
  const budget = report.budget;
  document.title = name + ' · Kogata report';
  byId('title').textContent = name;
  byId('lead').textContent = `${size(budget.dense_bytes)} compressed to ${size(budget.used_bytes)} (${percent(budget.used_bytes / budget.dense_bytes)}), `
    + `${whole(budget.left_bytes)} bytes under the budget of ${whole(budget.limit_bytes)}. `
    + `Exact answers: ${percent(dense.exact)} before, ${percent(delivered.exact)} after.`;
  byId('facts').textContent = `${report.job} · finished ${report.finished.replace('T', ' ').replace(/\..*|Z$/, '')} UTC · asked: ${budget.asked} · `
    + `workload: batch ${budget.batch}, ${whole(budget.context)} tokens of context`;

  const memory = report.memory, latency = report.latency;
  const card = (title, big, note, rows) => el('div', { class: 'card' }, el('h2', {}, title), el('div', { class: 'big' }, big, ' ', el('small', {}, note)),
    table([['', r => r[0]], ['dense', r => r[1], true], ['compressed', r => r[2], true], ['', r => r[3] || '', true]], rows));
  const encoded = [memory.dense.encoded_bytes, memory.delivered.encoded_bytes];
  const row = (label, show, a, b) => [label, show(a), show(b), change(a, b)];
  const memoryRows = [row('encoded', size, ...encoded), row('process', size, memory.dense.peak_resident_bytes, memory.delivered.peak_resident_bytes)];
  if (memory.dense.cache_bytes > 0) {
    memoryRows.push(row('cache / token', size, memory.dense.cache_bytes / memory.dense.cache_tokens, memory.delivered.cache_bytes / memory.delivered.cache_tokens));
  }
  const latencyRows = [row('prefill', time, latency.dense.prefill_seconds, latency.delivered.prefill_seconds)];
  if (latency.dense.decode_tokens > 0) {
    latencyRows.push(row('per token', time, latency.dense.decode_seconds_per_token, latency.delivered.decode_seconds_per_token));
  }
  const perToken = latency.dense.decode_tokens > 0;
  byId('headline').append(
    card('Memory', change(...encoded), 'encoded bytes', memoryRows),
    card('Latency', perToken ? change(latency.dense.decode_seconds_per_token, latency.delivered.decode_seconds_per_token)
      : change(latency.dense.prefill_seconds, latency.delivered.prefill_seconds), perToken ? 'per token' : 'prefill', latencyRows),
    card('Accuracy', percent(delivered.exact), 'exact answers', [
      ['exact', percent(dense.exact), percent(delivered.exact), digits((delivered.exact - dense.exact) * 100, 1).replace('-', '−') + ' pt'],
      ['KL to dense', '0', nats(delivered.kl), '± ' + Number(delivered.kl_standard_error).toPrecision(2)],
      ['log loss', nats(dense.nll), nats(delivered.nll), ''],
    ]));
  byId('headline-note').textContent = 'Encoded: files at rest and a sparse runtime, with the cache at the workload. '
    + `Process: peak memory of stock ONNX Runtime, measured. Prefill: ${whole(latency.dense.prompt_tokens)} tokens. In stock ONNX Runtime `
    + 'zeros in a dense initializer save no memory and no time; the packed cache saves memory.';

  // ---- tables
  const layers = report.layers;
  const cached = layers.filter(l => l.cache_format);
  byId('layer-table').append(table([
    ['layer', l => l.layer], ['sparsity', l => percent(l.sparsity), true], ['weights', l => size(l.weight_bytes), true], ['dense', l => size(l.dense_weight_bytes), true],
    ['keys', l => l.cache_format ? bits(l.key_bits) : '–', true], ['values', l => l.cache_format ? bits(l.value_bits) : '–', true],
    ['cache', l => l.cache_format ? size(l.cache_bytes) : '–', true], ['dense', l => l.cache_format ? size(l.dense_cache_bytes) : '–', true]], layers),
  table([['weight', w => w.name], ['role', w => w.role], ['stored', w => w.encoding], ['sparsity', w => percent(w.sparsity), true],
    ['bytes', w => whole(w.bytes), true], ['dense', w => whole(w.dense_bytes), true]], layers.flatMap(l => l.weights)));

  const search = report.search;
  byId('search-text').textContent = `${whole(search.history.length)} trials (${search.sampler}, seed ${search.seed}, pruning by ${search.method}) in ${time(search.seconds)} of measuring. `
    + `Best: trial ${search.best_trial} with a divergence of ${nats(search.best_loss)} nats. Every trial met the budget.`;
  byId('selection-table').append(table([
    ['plan', c => c.plan], ['measured in', c => c.stage], ['final pass', c => c.final_pass],
    ['search KL', c => c.search_kl === null ? '–' : nats(c.search_kl), true],
    ['selection KL', c => `${nats(c.kl)} ± ${nats(c.kl_standard_error)}`, true], ['exact', c => percent(c.exact), true], ['bytes', c => whole(c.bytes), true],
    ['', c => c.chosen ? 'delivered' : '']], report.selection, c => c.chosen ? 'chosen' : ''));

  byId('quality-text').textContent = `${whole(delivered.conversations)} conversations, ${whole(delivered.turns)} answers, ${whole(delivered.answer_tokens)} answer tokens that no choice ever saw. `
    + 'KL: how far the next-token distribution moved away from the dense model, in nats; ± is one standard error over conversations.';
  const qualities = Object.entries(held).sort(([a], [b]) => ['dense', 'delivered'].indexOf(b) - ['dense', 'delivered'].indexOf(a));
  byId('baseline-table').append(table([
    ['model', ([n]) => n], ['KL', ([, q]) => q.kl === 0 ? '0' : `${nats(q.kl)} ± ${nats(q.kl_standard_error)}`, true], ['exact', ([, q]) => percent(q.exact), true],
    ['log loss', ([, q]) => nats(q.nll), true], ['bytes', ([, q]) => whole(q.bytes), true]], qualities, ([n]) => n === 'delivered' ? 'chosen' : ''));

  const tags = delivered.tags.map(t => ({ ...t, dense: dense.tags.find(d => d.tag === t.tag) }));
  if (tags.length === 0) byId('tags').remove();
  else byId('tag-table').append(table([['tag', t => t.tag], ['answers', t => whole(t.turns), true], ['exact, dense', t => t.dense ? percent(t.dense.exact) : '–', true],
    ['exact, compressed', t => percent(t.exact), true], ['KL', t => nats(t.kl), true]], tags));

  byId('bytes-table').append(table([['part', p => p.part], ['dense', p => whole(p.dense), true], ['compressed', p => whole(p.delivered), true],
    ['', p => change(p.dense, p.delivered), true]],
  [...report.bytes, { part: 'total', dense: budget.dense_bytes, delivered: budget.used_bytes }], p => p.part === 'total' ? 'chosen' : ''));

  const changed = report.changed_answers;
  if (changed.length === 0) byId('answers-table').append(el('p', { class: 'muted' }, 'None of the held-out answers changed.'));
  else byId('answers-table').append(table([['conversation', c => c.conversation], ['tag', c => c.tag], ['question', c => c.question], ['expected', c => c.expected],
    ['dense', c => c.dense], ['compressed', c => c.compressed]], changed));

  byId('remarks').append(...report.remarks.map(r => el('li', {}, r)));
  byId('how').append(...report.how_measured.map(r => el('li', {}, r)));
  const data = report.data, count = s => `${whole(s.conversations)} conversations, ${whole(s.answer_tokens)} answer tokens, ${whole(s.with_images)} with pictures`;
  byId('facts-table').append(el('h2', {}, 'Provenance'), table([['', r => r[0]], ['', r => r[1]]], [
    ['model', `${report.model.name}, layout ${report.model.layout}`], ['model, SHA-256', el('code', {}, report.model.sha256)],
    ['dataset', `${data.dataset}${data.heldout_dataset ? ', held out: ' + data.heldout_dataset : ''}`], ['dataset, SHA-256', el('code', {}, data.dataset_sha256)],
    ['search set', count(data.search)], ['selection set', count(data.selection)], ['held-out set', count(data.heldout)],
    ['seed', String(search.seed)],
    ['verified', `loss on the selection set ${nats(report.verification.selected_kl)} when chosen, ${nats(report.verification.delivered_kl)} on the delivered files; `
      + `step by step against prefill ${report.verification.step_against_prefill.toExponential(1)}; ${whole(report.verification.recounted_bytes)} bytes recounted`],
    ...Object.entries(report.environment)]));

  // ---- charts
  const colour = variable => getComputedStyle(document.documentElement).getPropertyValue('--' + variable).trim();
  const charts = [];
  const origins = [...new Set(search.history.map(t => t.origin))];
  const originColours = ['main', 'second', 'third', 'good', 'bad', 'dense'];
  const errorBars = {
    id: 'errorBars',
    afterDatasetsDraw(chart) {
      const errors = chart.options.plugins.errorBars && chart.options.plugins.errorBars.values;
      if (!errors) return;
      const g = chart.ctx;
      g.save();
      g.strokeStyle = colour('ink');
      g.lineWidth = 1.4;
      chart.getDatasetMeta(0).data.forEach((bar, i) => {
        const value = chart.data.datasets[0].data[i], low = chart.scales.x.getPixelForValue(Math.max(0, value - errors[i])), high = chart.scales.x.getPixelForValue(value + errors[i]);
        g.beginPath();
        g.moveTo(low, bar.y); g.lineTo(high, bar.y);
        g.moveTo(low, bar.y - 6); g.lineTo(low, bar.y + 6);
        g.moveTo(high, bar.y - 6); g.lineTo(high, bar.y + 6);
        g.stroke();
      });
      g.restore();
    },
  };

  const draw = () => {
    while (charts.length) charts.pop().destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour('muted');
    Chart.defaults.borderColor = colour('line');
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    const axis = (title, more = {}) => ({ title: { display: title !== '', text: title }, ...more });
    const bar = (label, values, c) => ({ label, data: values, backgroundColor: colour(c), borderRadius: 2, maxBarThickness: 34 });
    const add = (id, config) => charts.push(new Chart(byId(id), config));

    add('sparsity-chart', {
      type: 'bar',
      data: { labels: layers.map(l => l.layer), datasets: [bar('sparsity', layers.map(l => l.sparsity * 100), 'main')] },
      options: { plugins: { legend: { display: false }, tooltip: { callbacks: { label: c => percent(layers[c.dataIndex].sparsity) } } },
        scales: { x: axis('layer', { grid: { display: false } }), y: axis('zeros, %', { min: 0, max: 100 }) } },
    });
    if (cached.length > 0) {
      const asIs = 10, shown = v => v === 0 ? asIs : v;
      add('bits-chart', {
        type: 'bar',
        data: { labels: cached.map(l => l.layer), datasets: [bar('key bits', cached.map(l => shown(l.key_bits)), 'second'), bar('value bits', cached.map(l => shown(l.value_bits)), 'third')] },
        options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => c.dataset.label + ': ' + (c.raw === asIs ? 'as is' : c.raw) } } },
          scales: { x: axis('layer', { grid: { display: false } }),
            y: axis('bits in the cache', { min: 0, max: asIs, ticks: { stepSize: 2, callback: v => v === asIs ? 'as is' : v } }) } },
      });
    } else byId('bits-box').hidden = true;

    const points = search.history.filter(t => isNumber(t.loss) && t.loss > 0);
    add('search-chart', {
      type: 'scatter',
      data: { datasets: [
        ...origins.map((o, i) => ({ label: o, data: points.filter(t => t.origin === o).map(t => ({ x: t.number, y: t.loss })),
          backgroundColor: colour(originColours[i % originColours.length]), pointRadius: 3.2 })),
        { label: 'best so far', type: 'line', stepped: true, data: points.map(t => ({ x: t.number, y: t.best_loss })), borderColor: colour('ink'), borderWidth: 1.4, pointRadius: 0 }] },
      options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => `trial ${c.raw.x}: ${nats(c.raw.y)}` } } },
        scales: { x: axis('trial', { ticks: { precision: 0 } }),
          y: axis('KL on the search set, nats (log scale)', { type: 'logarithmic', ticks: { maxTicksLimit: 8, callback: v => nats(v) } }) } },
    });

    const compared = qualities.filter(([n]) => n !== 'dense');
    add('baseline-chart', {
      type: 'bar',
      data: { labels: compared.map(([n]) => n), datasets: [{ ...bar('KL', compared.map(([, q]) => q.kl), 'main'), backgroundColor: compared.map(([n]) => colour(n === 'delivered' ? 'main' : 'dense')) }] },
      options: { indexAxis: 'y', plugins: { legend: { display: false }, errorBars: { values: compared.map(([, q]) => q.kl_standard_error) },
        tooltip: { callbacks: { label: c => nats(c.raw) + ' ± ' + nats(compared[c.dataIndex][1].kl_standard_error) } } },
      scales: { x: axis('KL on held-out conversations, nats', { min: 0, suggestedMax: Math.max(...compared.map(([, q]) => q.kl + q.kl_standard_error)) * 1.05, ticks: { callback: v => nats(v) } }),
        y: axis('', { grid: { display: false } }) } },
      plugins: [errorBars],
    });

    if (tags.length > 0) {
      add('tag-chart', {
        type: 'bar',
        data: { labels: tags.map(t => t.tag), datasets: [bar('dense', tags.map(t => t.dense ? t.dense.exact * 100 : null), 'dense'), bar('compressed', tags.map(t => t.exact * 100), 'main')] },
        options: { plugins: { legend: { position: 'bottom' } }, scales: { x: axis('', { grid: { display: false } }), y: axis('exact answers, %', { min: 0, max: 100 }) } },
      });
    }

    add('bytes-chart', {
      type: 'bar',
      data: { labels: ['dense', 'compressed'], datasets: report.bytes.map((p, i) => ({ ...bar(p.part, [p.dense, p.delivered], ['dense', 'main', 'second'][i % 3]), stack: 'all' })) },
      options: { indexAxis: 'y', plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => c.dataset.label + ': ' + size(c.raw) } } },
        scales: { x: axis('', { stacked: true, ticks: { callback: v => size(v) } }), y: axis('', { stacked: true, grid: { display: false } }) } },
    });
  };
  draw();
  // Colours follow the reader's theme, and are those of paper while printing.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  matchMedia('print').addEventListener('change', draw);
})();
