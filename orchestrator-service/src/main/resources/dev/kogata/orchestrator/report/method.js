// How the numbers came to be, and how to make them again.
const list = sentences => sentences.map(s => el('li', {}, s));
byId('remarks').append(...list(report.remarks));
byId('how').append(...list(report.how_measured));
byId('serve').append(...report.serving.flatMap(s => [el('h3', {}, s.what), ...(s.command ? [el('pre', { tabindex: '0' }, el('code', {}, s.command))] : []), el('p', { class: 'note' }, s.checked)]));
const reproduction = report.reproduction, data = report.data;
if (reproduction.command) byId('command').textContent = reproduction.command;
else {
  byId('command').parentElement.remove();
  byId('reproduce-text').textContent = 'This job began with the search of another job, whose report has the command that makes that one again.';
}
const count = s => !answering ? several(s.pictures, 'picture') : `${several(s.conversations, 'conversation')}, ${several(s.answer_tokens, 'answer token')}, ${whole(s.with_images)} with pictures`;
const hash = value => el('code', {}, value);
byId('facts-table').append(table([['what', r => r[0]], ['which', r => r[1]]], [
  ['model', `${report.model.name}, layout ${report.model.layout}`], ['model, SHA-256', hash(report.model.sha256)],
  ['dataset', data.dataset], ['dataset, SHA-256', hash(data.dataset_sha256)],
  ...(data.heldout_dataset ? [['held-out dataset', data.heldout_dataset], ['held-out dataset, SHA-256', hash(data.heldout_sha256)]] : []),
  ['search set', count(data.search)], ['selection set', count(data.selection)], ['held-out set', count(data.heldout)], ['seed', String(search.seed)],
  ['verified', `loss on the selection set ${nats(report.verification.selected_loss)}${lossUnit} when chosen, ${nats(report.verification.delivered_loss)} on the delivered files; `
    + (answering ? `step by step against prefill ${report.verification.step_against_prefill.toExponential(1)}; ` : '') + `${whole(report.verification.recounted_bytes)} bytes recounted`],
  ...Object.entries(reproduction.versions), ...Object.entries(report.environment)]));
