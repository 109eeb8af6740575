// Elements and charts. Every text is set as text, never as markup.
const byId = id => document.getElementById(id);
const el = (name, attributes = {}, ...children) => {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  for (const c of children) e.append(c);
  return e;
};
// columns: [title, cell function, is a number]
const table = (columns, rows, rowClass = () => '') => {
  const head = el('tr', {}, ...columns.map(([title, , number]) => title === '' ? el('td') : el('th', number ? { class: 'number', scope: 'col' } : { scope: 'col' }, title)));
  const body = rows.map(r => el('tr', { class: rowClass(r) }, ...columns.map(([, cell, number], i) => {
    const value = cell(r);
    return el(i === 0 ? 'th' : 'td', { ...(number ? { class: 'number' } : {}), ...(i === 0 ? { scope: 'row' } : {}) }, value instanceof Node ? value : String(value));
  })));
  return el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Table' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...body)));
};

// Charts are drawn again when the reader's theme changes, and in the colours and the width of paper while printing.
const colour = variable => getComputedStyle(document.documentElement).getPropertyValue('--' + variable).trim();
const palette = ['main', 'second', 'third', 'good', 'bad', 'dense'];
const axis = (title, more = {}) => ({ title: { display: title !== '', text: title }, ...more });
const bar = (label, values, c) => ({ label, data: values, backgroundColor: colour(c), borderRadius: 2, maxBarThickness: 34 });
// A line from one standard error below to one above, over the bars of the first dataset of a horizontal bar chart.
const errorBars = (values, errors) => ({ label: '± one standard error', data: values.map((v, i) => [Math.max(0, v - errors[i]), v + errors[i]]),
  backgroundColor: colour('ink'), grouped: false, barThickness: 2, borderSkipped: false });
const charts = [];
const drawn = [];
const chart = (id, config) => charts.push([id, config]);
const draw = () => {
  while (drawn.length) drawn.pop().destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = matchMedia('print').matches ? 9 : 12;
  Chart.defaults.color = colour('muted');
  Chart.defaults.borderColor = colour('line');
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  for (const [id, config] of charts) drawn.push(new Chart(byId(id), config()));
};
