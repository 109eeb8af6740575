// The first screen: go or no-go, memory, latency, accuracy, what it cost.
document.title = (report.model.display_name || report.model.name) + ' · Kogata report';
byId('title').textContent = report.model.display_name || report.model.name;
byId('lead').textContent = `${size(budget.dense_bytes)} compressed to ${size(budget.used_bytes)} (${percent(budget.used_bytes / budget.dense_bytes)}), `
  + `${several(budget.left_bytes, 'byte')} under the budget of ${whole(budget.limit_bytes)} bytes. `
  + (answering ? `Exact answers: ${percent(dense.exact)} before, ${percent(delivered.exact)} after.` : `Feature error: ${percent(delivered.loss, 2)} of the features' square. There is nothing to say about caches.`);
byId('facts').textContent = `${report.job} · finished ${report.finished.replace('T', ' ').replace(/\..*|Z$/, '')} UTC · asked: ${budget.asked} · `
  + (answering ? `workload: ${several(budget.batch, 'sequence')} of ${whole(budget.context)} tokens` : 'vision encoder alone');

const decision = report.decision;
const inUnit = { share: v => percent(v), nats: v => nats(v) + ' nats', bytes: size };
const measuredValue = c => c.name === 'max_accuracy_loss' ? digits(c.value * 100, 2) + ' points'
  : c.standard_error === null ? inUnit[c.unit](c.value) : plusMinus(c.value, c.standard_error) + ' nats';
const limitValue = c => c.name === 'max_accuracy_loss' ? digits(c.limit * 100, 2) + ' points' : inUnit[c.unit](c.limit);
const missed = decision.checks.filter(c => !c.held).length;
const verdictWord = { go: 'Go', 'no-go': 'No-go', none: 'No thresholds given' }[decision.verdict];
const verdictText = {
  go: decision.checks.length === 1 ? 'The threshold that was given is held.' : `All ${decision.checks.length} thresholds that were given are held.`,
  'no-go': `${missed} of ${several(decision.checks.length, 'threshold')} ${missed === 1 ? 'is' : 'are'} not held.`,
  none: `The numbers are below; whether they are good enough was not said. ${answering ? '--max-accuracy-loss, --max-latency-increase, --max-kl' : '--max-latency-increase'} and --max-process-memory turn them into go or no-go.`,
}[decision.verdict];
byId('verdict').classList.add(decision.verdict);
byId('verdict').append(el('p', {}, el('strong', {}, verdictWord), ' ', verdictText));
if (decision.checks.length > 0) {
  byId('verdict').append(table([['threshold', c => c.measures], ['measured', measuredValue, true], ['at most', limitValue, true],
    ['', c => el('span', { class: c.held ? 'good' : 'bad' }, c.held ? '✓ held' : '✗ not held')]], decision.checks));
}

const memory = report.memory, latency = report.latency, cost = report.cost;
const card = (title, big, note, columns, rows) => el('div', { class: 'card' }, el('h2', {}, title), el('p', { class: 'big' }, big, ' ', el('small', {}, note)), table(columns, rows));
const against = [['', r => r[0]], ['dense', r => r[1], true], ['compressed', r => r[2], true], ['', r => r[3] || '', true]];
const row = (label, show, a, b) => [label, show(a), show(b), change(a, b)];
const encoded = [memory.dense.encoded_bytes, memory.delivered.encoded_bytes];
const memoryRows = [row('encoded', size, ...encoded), row('process', size, memory.dense.peak_resident_bytes, memory.delivered.peak_resident_bytes)];
if (memory.dense.cache_bytes > 0) {
  memoryRows.push(row('cache / token', size, memory.dense.cache_bytes / memory.dense.cache_tokens, memory.delivered.cache_bytes / memory.delivered.cache_tokens));
}
const perToken = latency.dense.decode_tokens > 0;
const latencyRows = answering ? [row('prefill', time, latency.dense.prefill_seconds, latency.delivered.prefill_seconds)]
  : [row('a picture', time, latency.dense.picture_seconds, latency.delivered.picture_seconds)];
if (perToken) latencyRows.push(row('per token', time, latency.dense.decode_seconds_per_token, latency.delivered.decode_seconds_per_token));
latencyRows.push(row('load', time, latency.dense.load_seconds, latency.delivered.load_seconds));
byId('headline').append(
  card('Memory', change(...encoded), 'encoded bytes', against, memoryRows),
  card('Latency', !answering ? change(latency.dense.picture_seconds, latency.delivered.picture_seconds) : perToken ? change(latency.dense.decode_seconds_per_token, latency.delivered.decode_seconds_per_token)
    : change(latency.dense.prefill_seconds, latency.delivered.prefill_seconds), !answering ? 'a picture' : perToken ? 'per token' : 'prefill', against, latencyRows),
  !answering ? card('Features', percent(delivered.loss, 2), 'error', against, [['feature error', '0', nats(delivered.loss), '± ' + Number(delivered.loss_standard_error).toPrecision(2)]])
  : card('Accuracy', points(delivered.exact - dense.exact), 'exact answers', against, [
    ['exact', percent(dense.exact), percent(delivered.exact), points(delivered.exact - dense.exact)],
    ['KL, nats', '0', nats(delivered.kl), '± ' + Number(delivered.kl_standard_error).toPrecision(2)],
    ['log loss, nats', nats(dense.nll), nats(delivered.nll), change(dense.nll, delivered.nll)]]),
  card('What it cost', duration(cost.seconds), 'for the whole job', [['', r => r[0]], ['', r => r[1], true]], [
    ['trials', whole(cost.trials)], ['measuring them', duration(cost.measuring_seconds)], answering ? ['conversations', whole(report.data.search.conversations + report.data.selection.conversations)]
      : ['pictures', whole(report.data.search.pictures + report.data.selection.pictures)]]));
byId('headline-note').textContent = !answering ? 'Encoded: files at rest and a sparse runtime. Process: peak memory of stock ONNX Runtime, measured. In stock ONNX Runtime zeros in a dense '
  + 'initializer save no memory and no time.' : 'Encoded: files at rest and a sparse runtime, with the cache at the workload. '
  + `Process: peak memory of stock ONNX Runtime, measured. Prefill: ${several(latency.dense.prompt_tokens, 'token')}. In stock ONNX Runtime `
  + 'zeros in a dense initializer save no memory and no time; the packed cache saves memory.';
