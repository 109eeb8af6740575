// What all parts of the page share: the numbers in #report.
const report = JSON.parse(byId('report').textContent);
const budget = report.budget, held = report.heldout, dense = held.dense, delivered = held.delivered;
