// What all parts of the page share: the numbers in #report.
const report = JSON.parse(byId('report').textContent);
// What every loss in the report is, and whether the model answers at all: a vision encoder alone has features instead.
const objective = report.objective, answering = objective.name === 'kl';
const lossTitle = answering ? 'KL, nats' : 'feature error', lossUnit = answering ? ' nats' : '';
const budget = report.budget, held = report.heldout, dense = held.dense, delivered = held.delivered;
