// Quality on held-out data: baselines, skills, pictures against text, and the answers themselves.
byId('quality-text').textContent = !answering ? `${several(delivered.pictures, 'picture')} that no choice ever saw. ${objective.means}` : `${several(delivered.conversations, 'conversation')}, ${several(delivered.turns, 'answer')}, ${several(delivered.answer_tokens, 'answer token')} that no choice ever saw. `
  + 'KL: how far the next-token distribution moved away from the dense model, in nats; ± is one standard error over conversations.';
// Delivered first, then from the closest to the dense model to the farthest.
const rank = ([n, q]) => n === 'delivered' ? -1 : isNumber(q.loss) ? q.loss : Infinity;
const qualities = Object.entries(held).sort((a, b) => rank(a) - rank(b));
const compared = qualities.filter(([n, q]) => n !== 'dense' && isNumber(q.loss));
chart('baseline-chart', () => ({
  type: 'bar',
  data: { labels: compared.map(([n]) => n), datasets: [
    { ...bar(lossTitle, compared.map(([, q]) => q.loss), 'main'), backgroundColor: compared.map(([n]) => colour(n === 'delivered' ? 'main' : 'dense')), grouped: false, order: 1 },
    { ...errorBars(compared.map(([, q]) => q.loss), compared.map(([, q]) => q.loss_standard_error)), order: 0 }] },
  options: { indexAxis: 'y', plugins: { legend: { display: false },
    tooltip: { callbacks: { label: c => plusMinus(compared[c.dataIndex][1].loss, compared[c.dataIndex][1].loss_standard_error) + lossUnit } } },
  scales: { x: axis(`${lossTitle} on held-out ${answering ? 'conversations' : 'pictures'}; the line is ± one standard error`, { min: 0, ticks: { callback: v => nats(v) } }), y: axis('', { grid: { display: false } }) } },
}));
byId('baseline-chart').parentElement.style.height = 4.5 + 2.6 * compared.length + 'rem';
byId('baseline-table').append(table([
  ['model', ([n]) => n], [lossTitle, ([, q]) => q.loss === 0 ? '0' : plusMinus(q.loss, q.loss_standard_error), true],
  ...(answering ? [['exact', ([, q]) => percent(q.exact), true], ['log loss, nats', ([, q]) => nats(q.nll), true]] : []), ['bytes', ([, q]) => whole(q.bytes), true], ['weights', ([, q]) => q.final_pass], ['passes', ([, q]) => digits(q.forward_passes, 0), true],
  [`${answering ? 'KL' : lossTitle} against delivered`, ([, q]) => q.against_delivered === null ? '' : `${q.against_delivered.loss > 0 ? '+' : ''}${nats(q.against_delivered.loss)} (${digits(q.against_delivered.standard_errors, 1)} SE)`, true]], qualities, ([n]) => n === 'delivered' ? 'chosen' : ''));

const paired = (now, before) => now.map(t => ({ ...t, dense: before.find(d => d.tag === t.tag) }));
const groupTable = (name, groups) => table([[name, t => t.tag], ['answers', t => whole(t.turns), true], ['exact, dense', t => t.dense ? percent(t.dense.exact) : '–', true],
  ['exact, compressed', t => percent(t.exact), true], ['change', t => t.dense ? points(t.exact - t.dense.exact) : '–', true], ['KL, nats', t => nats(t.kl), true]], groups);
const groupChart = (id, groups) => chart(id, () => ({
  type: 'bar',
  data: { labels: groups.map(t => t.tag), datasets: [bar('dense', groups.map(t => t.dense ? t.dense.exact * 100 : null), 'dense'), bar('compressed', groups.map(t => t.exact * 100), 'main')] },
  options: { plugins: { legend: { position: 'bottom' }, tooltip: { callbacks: { label: c => `${c.dataset.label}: ${digits(c.raw, 1)} %` } } },
    scales: { x: axis('', { grid: { display: false } }), y: axis('exact answers, %', { min: 0, max: 100, ticks: { stepSize: 25 } }) } },
}));
const tags = paired(delivered.tags, dense.tags);
if (tags.length === 0) byId('tags').remove();
else {
  groupChart('tag-chart', tags);
  byId('tag-table').append(groupTable('skill', tags));
}
const modalities = paired(delivered.modalities, dense.modalities);
if (modalities.length === 0) byId('modalities').remove();
else byId('modality-table').append(groupTable('conversations', modalities.map(m => ({ ...m, tag: { image: 'with pictures', text: 'text only' }[m.tag] || m.tag }))));

const pictures = JSON.parse(byId('pictures').textContent);
const picture = p => pictures[p.sha256] ? el('img', { src: pictures[p.sha256], alt: p.path, loading: 'lazy' }) : el('p', { class: 'note' }, p.path);
const said = (who, text, marked) => el('div', {}, el('dt', {}, who), el('dd', marked ? { class: marked } : {}, text));
const answers = report.changed_answers;
if (!answering) byId('answers').remove();
else byId('answers').append(answers.length === 0 ? el('p', { class: 'muted' }, 'None of the held-out answers changed.')
  : el('div', { class: 'answers' }, ...answers.map(a => el('article', { class: 'answer' },
    ...(a.pictures.length > 0 ? [el('div', { class: 'pictures' }, ...a.pictures.map(picture))] : []),
    el('div', {}, el('h3', {}, a.question), el('p', { class: 'note' }, `${a.conversation}, answer ${a.turn + 1}${a.tag ? ' · ' + a.tag : ''}`),
      el('dl', {}, said('expected', a.expected), said('dense', a.dense, a.dense === a.expected ? 'good' : ''), said('compressed', a.compressed, a.compressed === a.expected ? 'good' : 'bad')))))));
