// A model or conversations for a job: chosen, dropped or here already; uploaded, and what the gateway found in it.
import { html, nothing } from './lit-html.js';
import { Problem, get, post } from './api.js';
import { chosen, dropped, namedBy } from './drop.js';
import { several, size } from './numbers.js';
import { asProblem, problemBox, say } from './telling.js';
import { uploadAll } from './upload.js';

const sum = files => files.reduce((bytes, f) => bytes + f.file.size, 0);
const MOST = 50;

/**
 * early: it is sent as soon as it is chosen. words: what a resource of the collection is, in a few words. changed: called when another one stands for it.
 */
export const part = ({ id, label, what, collection, words, optional = false, early = false, changed, paint }) => {
  let files = [], name = '', lines = '', stored = [], made = null, sending = null, stop = null, progress = null, problem = null;

  const linesOf = () => collection === 'datasets' ? files.filter(f => /\.jsonl$/i.test(f.path)) : [];
  const forget = () => {
    stop?.abort(new DOMException('another one', 'AbortError'));
    [files, name, lines, made, sending, stop, progress, problem] = [[], '', '', null, null, null, null, null];
  };
  const use = resource => {
    forget();
    made = resource;
    if (resource && !stored.some(s => s.name === resource.name)) stored = [resource, ...stored];
    paint();
    changed?.();
  };
  // The files to upload: for conversations only the chosen lines and what they name.
  const toUpload = async () => {
    const own = linesOf().find(f => f.path === lines);
    return own ? namedBy(own, files) : files;
  };
  const upload = async signal => {
    const sent = await toUpload();
    progress = { sent: 0, all: sum(sent) };
    const uploads = await uploadAll(sent, signal, bytes => { progress = { ...progress, sent: bytes }; paint(); });
    progress = { ...progress, read: true };
    say(`${label}: uploaded, being read.`);
    paint();
    const resource = await post('/v1/' + collection, { uploads, display_name: name }, {}, signal);
    signal.throwIfAborted();
    return resource;
  };
  // Its name at the gateway; whoever asks while it is on its way waits for the same upload.
  const send = () => {
    if (made) return Promise.resolve(made.name);
    if (!sending) {
      const own = stop = new AbortController();
      problem = null;
      sending = upload(own.signal).then(resource => {
        made = resource;
        progress = null;
        say(`${label}: ${words(resource)}.`);
        paint();
        changed?.();
        return resource.name;
      }).catch(e => {
        if (stop === own) [sending, progress] = [null, null];
        paint();
        throw e;
      });
    }
    return sending;
  };
  const take = from => {
    forget();
    [name, files] = [from.name, from.files.sort((a, b) => a.path < b.path ? -1 : 1)];
    lines = linesOf()[0]?.path || '';
    say(`${label}: ${several(files.length, 'file')}, ${size(sum(files))}.`);
    changed?.();
    if (early && files.length > 0) send().catch(e => { if (e.name !== 'AbortError') { problem = asProblem(e); paint(); } });
    paint();
  };
  const drop = async event => {
    event.preventDefault();
    event.currentTarget.classList.remove('over');
    try { take(await dropped(event.dataTransfer)); } catch (e) { problem = asProblem(e); paint(); }
  };
  const over = on => event => { event.preventDefault(); event.currentTarget.classList.toggle('over', on); };

  return {
    label, send, take,
    made: () => made,
    given: () => made !== null || files.length > 0,
    sending: () => sending !== null && made === null,
    stop: () => stop?.abort(new DOMException('stopped', 'AbortError')),
    missing: () => new Problem({ title: `${label}: nothing is chosen`, detail: 'Drop one into the box, or choose it there.' }),
    load: async () => { stored = [...stored, ...(await get(`/v1/${collection}?page_size=${MOST}`))[collection].filter(s => !stored.some(known => known.name === s.name))]; },
    // One that is at the gateway, by its name.
    use: async resource => use(await get('/v1/' + resource)),
    template: frozen => html`<fieldset class="zone" id=${id + '-zone'} ?disabled=${frozen} @drop=${drop} @dragover=${over(true)} @dragleave=${over(false)}>
      <legend>${label}${optional ? html` <span class="note">optional</span>` : nothing}</legend>
      <p class="muted">${what}</p>
      <div class="row">
        <label class="button plain">Choose a folder<input class="unseen" id=${id + '-folder'} type="file" webkitdirectory @change=${e => take(chosen(e.target))}></label>
        <label class="button plain">Choose files<input class="unseen" id=${id + '-files'} type="file" multiple @change=${e => take(chosen(e.target))}></label>
        ${stored.length > 0 ? html`<label class="inline">or <select id=${id + '-stored'} aria-label=${`${label}: one that is here already`} @change=${e => use(stored.find(s => s.name === e.target.value) || null)}>
          <option value="" ?selected=${!made}>one that is here already…</option>
          ${stored.map(s => html`<option value=${s.name} .selected=${made?.name === s.name}>${s.display_name || s.name} · ${size(s.size_bytes)}</option>`)}</select></label>` : nothing}
      </div>
      ${files.length > 0 || made ? html`<p class="taken"><strong>${made?.display_name || name}</strong> · ${made ? size(made.size_bytes) : `${several(files.length, 'file')} · ${size(sum(files))}`}
        ${progress === null ? made ? html` · <span class="found">${words(made)}</span>` : nothing : html` · <progress max=${progress.all || 1} .value=${progress.sent} aria-label=${'Upload: ' + label}></progress>
        <span class="number">${progress.read ? 'being read…' : `${size(progress.sent)} sent`}</span>`}
        ${optional ? html` <button type="button" class="link" @click=${() => { use(null); }}>Leave it out</button>` : nothing}</p>` : nothing}
      ${linesOf().length > 1 && !made ? html`<label>Which file<select id=${id + '-lines'} @change=${e => { lines = e.target.value; }}>
        ${linesOf().map(f => html`<option ?selected=${f.path === lines}>${f.path}</option>`)}</select></label>` : nothing}
      ${made?.inspection.remarks?.length > 0 ? html`<details><summary>What is left alone, and why</summary><ul>${made.inspection.remarks.map(r => html`<li>${r}</li>`)}</ul></details>` : nothing}
      ${problemBox(problem)}</fieldset>`,
  };
};
