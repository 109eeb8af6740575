// Charts by Chart.js, in the colours of the theme, and the same chart moved on where only its numbers change.
import { isNumber, nats } from './numbers.js';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const axis = (title, more = {}) => ({ title: { display: title !== '', text: title, color: colour('muted') }, ticks: { color: colour('muted'), ...more.ticks }, grid: { color: colour('line'), ...more.grid },
  ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== 'ticks' && k !== 'grid')) });
const legend = () => ({ position: 'bottom', labels: { color: colour('muted'), boxWidth: 8, boxHeight: 8, usePointStyle: true } });
const bars = (label, data, c) => ({ label, data, backgroundColor: colour(c), borderRadius: 2, maxBarThickness: 28 });
const AS_IS = 10;

const searchChart = (trials, objective) => {
  const unit = objective === 'feature-error' ? '' : ' nats';
  const shown = trials.filter(t => isNumber(t.loss) && t.loss > 0);
  return {
    type: 'scatter',
    data: { datasets: [
      { label: 'trial', data: shown.map(t => ({ x: t.number, y: t.loss, origin: t.origin })), backgroundColor: colour('main'), pointRadius: 3, clip: 6 },
      { label: 'best so far', type: 'line', stepped: true, pointRadius: 0, pointStyle: 'line', borderWidth: 1.5, borderColor: colour('ink'), data: shown.map(t => ({ x: t.number, y: t.best_loss })) }] },
    options: { plugins: { legend: legend(), tooltip: { callbacks: { label: c => `trial ${c.raw.x}${c.raw.origin ? ' (' + c.raw.origin + ')' : ''}: ${nats(c.raw.y)}${unit}` } } },
      scales: { x: axis('trial', { min: 0, max: Math.max(1, (trials[0]?.trials || 1) - 1), ticks: { precision: 0 } }),
        y: axis(objective === 'feature-error' ? 'loss (feature error, log)' : 'loss (KL, nats, log)', { type: 'logarithmic', ticks: { maxTicksLimit: 6, callback: v => nats(v) } }) } },
  };
};

const sparsityChart = layers => ({
  type: 'bar',
  data: { labels: layers.map(l => l.layer), datasets: [bars('zeros', layers.map(l => l.sparsity * 100), 'main')] },
  options: { plugins: { legend: { display: false }, tooltip: { callbacks: { label: c => c.raw.toFixed(1) + ' % zeros' } } },
    scales: { x: axis('layer', { grid: { display: false } }), y: axis('zeros, %', { min: 0, max: 100, ticks: { stepSize: 25 } }) } },
});

const bitsChart = layers => ({
  type: 'bar',
  data: { labels: layers.map(l => l.layer), datasets: [bars('keys', layers.map(l => l.key_bits || AS_IS), 'second'), bars('values', layers.map(l => l.value_bits || AS_IS), 'third')] },
  options: { plugins: { legend: legend(), tooltip: { callbacks: { label: c => `${c.dataset.label}: ${c.raw === AS_IS ? 'as is' : c.raw + ' bits'}` } } },
    scales: { x: axis('layer', { grid: { display: false } }), y: axis('bits in the cache', { min: 0, max: AS_IS, ticks: { stepSize: 2, callback: v => v === AS_IS ? 'as is' : v } }) } },
});

const shown = new Map();
let last = null;

export const drawCharts = numbers => {
  last = numbers;
  for (const [id, chart] of shown) {
    if (!chart.canvas?.isConnected) { chart.destroy(); shown.delete(id); }
  }
  const draw = (id, config) => {
    const canvas = document.getElementById(id);
    if (!canvas) return;
    const { type, data, options } = config;
    const whole = { maintainAspectRatio: false, responsive: true, animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? false : { duration: 250 }, ...options };
    if (!shown.has(id)) shown.set(id, new Chart(canvas, { type, data, options: whole }));
    else {
      const chart = shown.get(id);
      chart.options = whole;
      // The same data sets with new numbers, so that bars and points move instead of beginning again.
      data.datasets.forEach((set, i) => Object.assign(chart.data.datasets[i], set));
      chart.data.labels = data.labels;
      chart.update();
    }
  };
  if (numbers.trials.length > 0) draw('search-chart', searchChart(numbers.trials, numbers.objective));
  if (numbers.layers.length > 0) draw('sparsity-chart', sparsityChart(numbers.layers));
  if (numbers.layers.some(l => l.key_bits || l.value_bits)) draw('bits-chart', bitsChart(numbers.layers));
};
addEventListener('themechange', () => { if (last) drawCharts(last); });
