// What can be said of a job beside model, conversations and budget; every field has a default, which stands in it.
import { html, nothing } from './lit-html.js';

const CHOICES = {
  format: ['Cache format', [['', 'portable (default)'], ['native', 'native'], ['any', 'the smaller, by layer']], 'portable runs anywhere and costs time; native is GroupQueryAttention with int8 or int4, and saves time too'],
  method: ['Pruning method', [['', 'SparseGPT (default)'], ['wanda', 'Wanda'], ['ria', 'RIA'], ['lognorm', 'log-norm'], ['magnitude', 'magnitude']], 'SparseGPT moves what stays, the others only choose what goes'],
  final: ['Final pass', [['', 'the best of all (default)'], ['as-searched', 'as searched'], ['sequential', 'sequential'], ['repaired', 'repaired by SparseGPT']], 'how the weights of the best plan are made'],
  search: ['Search', [['', 'TPE (default)'], ['random', 'random'], ['uniform', 'uniform'], ['owl', 'OWL'], ['arithmetic-progression', 'arithmetic progression'], ['sensitivity', 'sensitivity alone'], ['paper', 'the paper’s procedure']], 'all but TPE are there to compare with'],
  granularity: ['What shares one sparsity', [['', 'a layer (default)'], ['weight', 'a weight'], ['block', 'a block of layers']], 'smaller parts fit better and take more trials'],
};
const PARTS = [['vision_encoder', 'vision encoder'], ['projector', 'projector']];

// filled: values of an earlier job. model: what the gateway found, or null.
export const settings = (filled, model) => {
  const field = (id, label, { placeholder = '', value = '', mode = 'text', hint = '' }) => html`<div><label for=${id}>${label}</label><input id=${id} name=${id} type="text" autocomplete="off" spellcheck="false"
    placeholder=${placeholder} .defaultValue=${String(filled[id] ?? value)} inputmode=${mode} aria-describedby=${hint ? id + '-hint' : nothing}>${hint ? html`<p class="note" id=${id + '-hint'}>${hint}</p>` : nothing}</div>`;
  // A value that is the default has no option of its own.
  const choice = id => html`<div><label for=${id}>${CHOICES[id][0]}</label><select id=${id} name=${id} aria-describedby=${id + '-hint'}>${CHOICES[id][1].map(([value, words]) => html`<option value=${value} ?selected=${(filled[id] ?? '') === value}>${words}</option>`)}</select>
    <p class="note" id=${id + '-hint'}>${CHOICES[id][2]}</p></div>`;
  const has = part => model?.inspection.includable_weights.some(w => w.part === part);
  const include = ([value, words]) => html`<label class="tick"><input type="checkbox" name="include" value=${value} ?disabled=${model !== null && !has(value)} ?checked=${filled.include?.includes(value)}> the ${words}${model !== null && !has(value)
    ? html` <span class="note">this model has none to prune apart</span>` : nothing}</label>`;
  return {
    field,
    thresholds: () => html`<details id="thresholds" ?open=${['accuracy', 'latency', 'kl', 'process'].some(limit => filled[limit])}><summary>Go or no-go</summary><fieldset><legend class="unseen">Thresholds</legend>
      <p class="muted">With any of these the report says go or no-go. A missed one does not fail the job.</p>
      <div class="pair">${field('accuracy', 'Most loss of exact answers', { placeholder: '1%', hint: 'percentage points, on held-out data' })}${field('latency', 'Most increase of time per token', { placeholder: '20%', hint: 'against the dense model' })}
      ${field('kl', 'Most KL divergence, nats', { placeholder: '0.01', mode: 'decimal', hint: 'from the dense model, on held-out data' })}${field('process', 'Most memory of the process', { placeholder: '2GiB', hint: 'peak, resident, with the result loaded' })}</div></fieldset></details>`,
    advanced: () => html`<details id="advanced"><summary>Advanced</summary><fieldset><legend class="unseen">Advanced</legend>
      <div class="pair">${field('trials', 'Trials of the search', { placeholder: '100', mode: 'numeric', hint: 'more find better plans; time grows with them' })}${field('seed', 'Seed', { placeholder: '7', mode: 'numeric', hint: 'the same seed and files give the same result' })}
      ${choice('format')}${choice('method')}${choice('final')}${choice('search')}${choice('granularity')}</div>
      <div role="group" aria-labelledby="include-title"><p id="include-title" class="label">Beside the decoder, prune too</p>${PARTS.map(include)}
      <p class="note">Under the same budget. Trials then run the vision encoder, which takes longer.</p></div></fieldset></details>`,
  };
};
