// What came of a job: the three numbers, go or no-go, files, and the report itself.
import { html, nothing } from './lit-html.js';
import { blob, get, key, post, text } from './api.js';
import { change, minus, nats, percent, size, time } from './numbers.js';
import { asProblem, problemBox } from './telling.js';

const VERDICTS = { go: 'Go: every threshold is held.', 'no-go': 'No-go: not every threshold is held.' };

export const resultView = (name, paint) => {
  let report = null, front = null, files = [], problem = null, page = null, sent = false, closed = false, saving = '';
  const load = async () => {
    const [result, shown] = await Promise.all([get(`/v1/${name}/result`), text(`/v1/${name}/report.html`)]);
    // A search for the front delivers plans and no model: it has a page, but none of the three numbers.
    const has = path => result.files.some(f => f.path === path);
    const numbers = has('report.json') ? await get(`/v1/${name}/report.json`) : {};
    if (has('front.json')) front = await get(`/v1/${name}/result/front.json`);
    [files, page, report] = [result.files, shown, numbers];
  };
  load().then(paint).catch(e => { problem = asProblem(e); paint(); });

  // The frame asks for the report once it listens.
  const ready = event => {
    const frame = document.getElementById('report-frame');
    if (page !== null && !sent && frame && event.source === frame.contentWindow) {
      sent = true;
      frame.contentWindow.postMessage(page, '*');
    }
  };
  addEventListener('message', ready);

  // Without a key a link is enough; with one the browser would not send it along.
  const save = path => async event => {
    if (!key.get()) return;
    event.preventDefault();
    saving = path;
    paint();
    try {
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await blob(path)), download: path.split('/').pop() });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (e) { problem = asProblem(e); }
    saving = '';
    paint();
  };
  const download = (path, label, open = false) => html`<a href=${path} @click=${save(path)} target=${open ? '_blank' : nothing} rel="noopener">${saving === path ? 'Fetching…' : label}</a>`;

  const card = (title, big, note, rows) => html`<div class="card"><h3>${title}</h3><p class="big">${big} <small>${note}</small></p>
    <dl>${rows.map(([what, before, after]) => html`<div><dt>${what}</dt><dd>${before} → ${after}</dd></div>`)}</dl></div>`;
  const cards = () => {
    const { memory: m, latency: l, heldout: { dense, delivered } } = report, perToken = l.dense.decode_tokens > 0;
    const points = (delivered.exact - dense.exact) * 100, picture = l.dense.picture_seconds !== undefined;
    return html`<div class="cards">
      ${card('Memory', change(m.dense.encoded_bytes, m.delivered.encoded_bytes), 'encoded', [['encoded', size(m.dense.encoded_bytes), size(m.delivered.encoded_bytes)],
        ['process', size(m.dense.peak_resident_bytes), size(m.delivered.peak_resident_bytes)]])}
      ${picture ? card('Latency', change(l.dense.picture_seconds, l.delivered.picture_seconds), 'a picture', [['a picture', time(l.dense.picture_seconds), time(l.delivered.picture_seconds)]]) : card('Latency', perToken ? change(l.dense.decode_seconds_per_token, l.delivered.decode_seconds_per_token) : change(l.dense.prefill_seconds, l.delivered.prefill_seconds), perToken ? 'per token' : 'prefill',
        [['prefill', time(l.dense.prefill_seconds), time(l.delivered.prefill_seconds)], ...(perToken ? [['per token', time(l.dense.decode_seconds_per_token), time(l.delivered.decode_seconds_per_token)]] : [])])}
      ${picture ? card('Features', percent(delivered.feature_error, 2), 'error', [['feature error', '0', nats(delivered.feature_error)]]) : card('Accuracy', minus((points > 0 ? '+' : '') + points.toFixed(1)) + ' pt', 'exact answers', [['exact', percent(dense.exact), percent(delivered.exact)], ['KL, nats', '0', nats(delivered.kl)]])}</div>`;
  };
  const deliver = async event => {
    event.preventDefault();
    const point = Number(new FormData(event.target).get('point'));
    problem = null;
    try { location.hash = '#/' + (await post('/v1/jobs', { from_job: name, point }, { 'Idempotency-Key': `${name} point ${point}` })).name; } catch (e) { problem = asProblem(e); paint(); }
  };
  const points = () => html`<form class="row" @submit=${deliver}><label class="inline" for="point">A bundle of <select id="point" name="point">${front.points.map(p =>
    html`<option value=${p.point}>${size(p.bytes)} (${percent(p.share)}), KL ${nats(p.heldout.kl)} nats</option>`)}</select></label><button class="main">Make it</button></form>`;
  const verdict = report => report.decision && VERDICTS[report.decision.verdict]
    ? html`<p class=${'verdict ' + report.decision.verdict}><strong>${VERDICTS[report.decision.verdict]}</strong></p>` : nothing;

  return {
    close: () => { closed = true; removeEventListener('message', ready); },
    painted: () => { },
    template: () => closed ? nothing : html`<section aria-labelledby="result-title"><h2 id="result-title">Result</h2>
      ${problemBox(problem)}
      ${report === null ? problem ? nothing : html`<p class="muted">Loading…</p>` : html`
        ${verdict(report)}${report.heldout ? cards() : nothing}${front ? points() : nothing}
        <p class="row">${download(`/v1/${name}/result.tar`, 'Download everything (tar)')} ${download(`/v1/${name}/report.html`, 'Open the report', !key.get())} ${report.heldout ? download(`/v1/${name}/report.json`, 'report.json') : nothing}</p>
        <details><summary>All ${files.length} files, ${size(files.reduce((b, f) => b + Number(f.size_bytes), 0))}</summary><div class="scroll" tabindex="0" role="group" aria-label="Files"><table>
          <thead><tr><th scope="col">file</th><th scope="col" class="number">bytes</th><th scope="col">SHA-256</th></tr></thead>
          <tbody>${files.map(f => html`<tr><th scope="row">${download(`/v1/${name}/result/${f.path.split('/').map(encodeURIComponent).join('/')}`, f.path)}</th><td class="number">${Number(f.size_bytes).toLocaleString('en')}</td>
            <td><code>${f.sha256.slice(0, 16)}…</code></td></tr>`)}</tbody></table></div></details>
        <details id="report-details" open><summary>The report</summary><iframe id="report-frame" title="The report" src="/page/report-frame.html" sandbox="allow-scripts allow-modals"></iframe></details>`}</section>`,
  };
};
