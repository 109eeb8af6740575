// What the form says as the body of POST /v1/jobs, and the other way round.
import { Problem } from './api.js';
import { budget, share } from './numbers.js';

const unreadable = (field, text, forms) => new Problem({ title: `${document.querySelector(`label[for="${field}"]`).textContent}: not readable`, detail: `“${text}” cannot be read; write ${forms}.`, reason: 'ARGUMENT_INVALID' });
const PLAIN = ['format', 'method', 'final', 'search', 'granularity'];

// Everything but model and conversations; throws a Problem where a field cannot be read.
export const requestOf = form => {
  const text = field => form.get(field)?.trim() || '';
  const read = (to, name, field, value, forms) => {
    if (!text(field)) return;
    const number = value(text(field));
    if (number === null || number === undefined || Number.isNaN(number)) throw unreadable(field, text(field), forms);
    to[name] = number;
  };
  const job = { workload: {}, thresholds: {} };
  const kind = text('budget-kind');
  if (kind === 'front') job.pareto = true;
  else if (kind === 'apart') {
    job.budget = {};
    read(job.budget, 'weights_ratio', 'weights-budget', share, '50% or 0.5');
    read(job.budget, 'cache_ratio', 'cache-budget', share, '25% or 0.25');
    if (Object.keys(job.budget).length < 2) throw new Problem({ title: 'The budget is not whole', detail: 'Give a share for the weights and one for the caches.', reason: 'BUDGET_INVALID' });
  } else {
    job.budget = budget(text('budget'));
    if (!job.budget) throw new Problem({ title: 'The budget is no budget', detail: `“${text('budget')}” cannot be read; write 60%, 0.6, 120MB, 120MiB or a number of bytes.`, reason: 'BUDGET_INVALID' });
  }
  const number = value => /^[0-9]+$/.test(value) ? Number(value) : null;
  read(job.workload, 'batch', 'batch', number, 'a whole number');
  read(job.workload, 'context', 'context', number, 'a whole number');
  read(job, 'trials', 'trials', number, 'a whole number');
  read(job, 'seed', 'seed', value => Number.isSafeInteger(number(value)) ? number(value) : null, `a whole number up to ${Number.MAX_SAFE_INTEGER}`);
  for (const name of PLAIN) if (text(name)) job[name] = text(name);
  if (form.getAll('include').length > 0) job.include = form.getAll('include');
  read(job.thresholds, 'max_accuracy_loss', 'accuracy', share, '1% or 0.01');
  read(job.thresholds, 'max_latency_increase', 'latency', share, '20% or 0.2');
  read(job.thresholds, 'max_kl', 'kl', value => Number(value), 'a number');
  read(job.thresholds, 'max_process_bytes', 'process', value => budget(value)?.bytes ?? null, '2GiB, 900MB or a number of bytes');
  if (Object.keys(job.thresholds).length === 0) delete job.thresholds;
  return job;
};

// The fields of the form for a job that was asked for before.
export const fieldsOf = ({ budget: b = {}, workload, thresholds: t = {}, ...job }) => ({
  'budget-kind': job.pareto ? 'front' : b.weights_ratio !== undefined ? 'apart' : 'together',
  budget: b.ratio !== undefined ? Number((b.ratio * 100).toPrecision(6)) + '%' : b.bytes !== undefined ? String(b.bytes) : '60%',
  'weights-budget': b.weights_ratio !== undefined ? b.weights_ratio * 100 + '%' : '', 'cache-budget': b.cache_ratio !== undefined ? b.cache_ratio * 100 + '%' : '',
  batch: workload.batch, context: workload.context, trials: job.trials, seed: job.seed, ...Object.fromEntries(PLAIN.map(name => [name, job[name]])), include: job.include,
  accuracy: t.max_accuracy_loss !== undefined ? t.max_accuracy_loss * 100 + '%' : '', latency: t.max_latency_increase !== undefined ? t.max_latency_increase * 100 + '%' : '',
  kl: t.max_kl, process: t.max_process_bytes,
});
