// What every width of every layer's keys, or values, costs alone.
const cacheLosses = report.cache_sensitivity;
if (cacheLosses.losses.length === 0) byId('cache-sensitivity').remove();
else {
  const curveOf = l => `${l.format} ${l.bits} bits`;
  const curves = [...new Map(cacheLosses.losses.map(l => [curveOf(l), l])).values()].sort((a, b) => b.format.localeCompare(a.format) || b.bits - a.bits).map(curveOf);
  for (const [id, side] of [['key-loss-chart', 'keys'], ['value-loss-chart', 'values']]) {
    const own = cacheLosses.losses.filter(l => l.side === side), numbers = [...new Set(own.map(l => l.layer))];
    const at = (n, c) => own.find(l => l.layer === n && curveOf(l) === c);
    chart(id, () => ({
      type: 'line',
      data: { labels: numbers, datasets: curves.map((c, i) => ({ label: c, data: numbers.map(n => at(n, c) && at(n, c).kl > 0 ? at(n, c).kl : null),
        borderColor: colour(palette[i % palette.length]), borderDash: c.startsWith('native') ? [5, 3] : [], borderWidth: 1.6, pointRadius: 2.4 })) },
      options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => `${c.dataset.label}: ${nats(c.raw)} nats` } } },
        scales: { x: axis(`layer, ${side}`, { grid: { display: false } }),
          y: axis('KL, nats (log)', { type: 'logarithmic', ticks: { maxTicksLimit: 8, callback: v => nats(v) } }) } },
    }));
  }
  const chosen = cacheLosses.thresholds.filter(t => t.chosen).map(t => `${t.side} of ${t.bits} bits by ${t.threshold}`);
  byId('cache-text').textContent = `One layer's keys, or values, in one width, everything else as it came: divergence on ${several(cacheLosses.conversations, 'conversation')} of the search set.`
    + (chosen.length > 0 ? ` Thresholds of the native format's static scales were chosen by what they cost: ${chosen.join(', ')}.` : '');
  byId('cache-table').append(table([['layer', l => l.layer], ['side', l => l.side], ['format', l => l.format], ['bits', l => l.bits, true],
    ['KL, nats', l => plusMinus(l.kl, l.kl_standard_error), true]], cacheLosses.losses));
  if (cacheLosses.thresholds.length > 0) {
    byId('cache-table').append(table([['static scales by', t => t.threshold], ['side', t => t.side], ['bits', t => t.bits, true], ['KL of all layers, nats', t => nats(t.kl), true],
      ['', t => t.chosen ? 'chosen' : '']], cacheLosses.thresholds, t => t.chosen ? 'chosen' : ''));
  }
}
