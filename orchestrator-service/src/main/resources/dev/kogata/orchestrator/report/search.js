// The search: every trial, and what was tried on the selection set.
const search = report.search;
byId('search-text').textContent = `${several(search.history.length, 'trial')} (${search.sampler}, seed ${search.seed}, pruning by ${search.method}) in ${duration(search.seconds)} of measuring. `
  + `Best: trial ${search.best_trial} with a ${objective.noun} of ${nats(search.best_loss)}${lossUnit}. `
  + (search.infeasible > 0 ? `${several(search.infeasible, 'trial')} over the budget were not measured. ` : 'Every trial met the budget. ')
  + `Proposing the plans took ${duration(search.proposal_seconds)}, ${percent(search.proposal_seconds / (search.proposal_seconds + search.seconds), 2)} of the search.`;
if (search.sensitivity.length === 0) byId('sensitivity').remove();
else {
  // One line for each layer, from the first layer's colour to the last one's; values of the cache are dashed.
  const curves = (part, x) => [...new Set(search.sensitivity.map(s => s.layer))].map((layer, i, all) => ({
    label: part === 'weights' ? `layer ${layer}` : `${part}, layer ${layer}`, borderColor: `hsl(${195 + 165 * i / all.length} 55% 48%)`, borderWidth: 1.6, pointRadius: 2, borderDash: part === 'values' ? [5, 4] : [],
    data: search.sensitivity.filter(s => s.part === part && s.layer === layer && isNumber(s.loss) && s.loss > 0).map(s => ({ x: x(s), y: s.loss })).sort((a, b) => a.x - b.x) })).filter(c => c.data.length > 0);
  const sensitivityChart = (id, sets, title, more) => sets.length === 0 ? byId(id).parentElement.remove() : chart(id, () => ({ type: 'line', data: { datasets: sets },
    options: { plugins: { legend: { display: false }, tooltip: { callbacks: { label: c => `${c.dataset.label}: ${nats(c.raw.y)}${lossUnit}` } } },
      scales: { x: axis(title, { type: 'linear', ...more }), y: axis(`${lossTitle} (log)`, { type: 'logarithmic', ticks: { maxTicksLimit: 6, callback: v => nats(v) } }) } } }));
  sensitivityChart('sensitivity-weights', curves('weights', s => s.sparsity * 100), 'zeros in one layer, %', {});
  sensitivityChart('sensitivity-caches', [...curves('keys', s => s.bits), ...curves('values', s => s.bits)], 'bits in one layer: keys, and values dashed', { reverse: true, ticks: { stepSize: 1 } });
  byId('sensitivity-table').append(el('details', {}, el('summary', {}, 'In numbers'),
    table([['part', s => `${s.part} of layer ${s.layer}`], ['compressed to', s => s.sparsity === null ? bits(s.bits) : percent(s.sparsity) + ' zeros', true],
      ['bytes', s => whole(s.bytes), true], [lossTitle, s => nats(s.loss), true]], search.sensitivity)));
}
const origins = [...new Set(search.history.map(t => t.origin))];
const measurable = search.history.filter(t => isNumber(t.loss) && t.loss > 0);
chart('search-chart', () => ({
  type: 'scatter',
  data: { datasets: [
    ...origins.map((o, i) => ({ label: o, data: measurable.filter(t => t.origin === o).map(t => ({ x: t.number, y: t.loss })),
      backgroundColor: colour(palette[i % palette.length]), pointRadius: 3.2, clip: 6 })),
    { label: 'best so far', type: 'line', stepped: true, data: measurable.map(t => ({ x: t.number, y: t.best_loss })), borderColor: colour('ink'), borderWidth: 1.4, pointRadius: 0, pointStyle: 'line' }] },
  options: { plugins: { legend: { position: 'bottom', labels: { usePointStyle: true } }, tooltip: { callbacks: { label: c => `trial ${c.raw.x}: ${nats(c.raw.y)}${lossUnit}` } } },
    scales: { x: axis('trial', { ticks: { precision: 0 } }),
      y: axis(`search ${lossTitle} (log)`, { type: 'logarithmic', ticks: { maxTicksLimit: 8, callback: v => nats(v) } }) } },
}));
const selectionTable = rows => table([
  ['plan', c => c.plan], ['measured in', c => c.stage], ['final pass', c => c.final_pass],
  [`search ${lossTitle}`, c => nats(c.search_loss), true],
  [`selection ${lossTitle}`, c => plusMinus(c.loss, c.loss_standard_error), true], ...(answering ? [['exact', c => percent(c.exact), true]] : []), ['bytes', c => whole(c.bytes), true],
  ['', c => c.chosen ? 'delivered' : '']], rows, c => c.chosen ? 'chosen' : '');
// Files decide; plans in the elastic graph only say which files were worth writing.
const inGraph = report.selection.filter(c => c.stage === 'elastic graph');
byId('selection-table').append(selectionTable(report.selection.filter(c => c.stage !== 'elastic graph')),
  el('details', {}, el('summary', {}, `${several(inGraph.length, 'plan')} in the elastic graph, from which those were taken`), selectionTable(inGraph)));
const elastic = report.elastic, trust = report.trust;
byId('trust-text').textContent = (elastic.form === 'bank'
  ? `Trials ran on a bank: every weight repaired at ${several(elastic.versions.length - 1, 'sparsity', 'sparsities')} (${elastic.versions.slice(1).map(v => percent(v, 0)).join(', ')}). `
  : 'Trials ran on level maps: every weight ranked once, what stays left as it came. ')
  + (isNumber(trust.rank_correlation) ? `Rank correlation of ${whole(trust.plans)} plans before and after the final pass ${trust.pass}: ${digits(trust.rank_correlation, 2)}.` : '');
byId('trust-table').append(table([['the delivered plan', r => r[0]], [lossTitle, r => nats(r[1]), true]], [
  ['as searched, search set', trust.search_loss], ['as searched, selection set', trust.selection_searched_loss],
  ['as delivered, selection set', trust.selection_loss], ['as delivered, held-out', trust.heldout_loss]]));
