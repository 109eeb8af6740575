// Numbers as people read them, always with their unit.
const isNumber = v => typeof v === 'number' && Number.isFinite(v);
const minus = text => text.replaceAll('-', '−');
const digits = (v, n) => isNumber(v) ? minus(v.toLocaleString('en', { minimumFractionDigits: n, maximumFractionDigits: n })) : String(v);
const whole = v => digits(v, 0);
const percent = (v, n = 1) => isNumber(v) ? digits(v * 100, n) + ' %' : String(v);
// Percentage points: a difference of two shares.
const points = v => !isNumber(v) ? String(v) : (Math.abs(v * 100) < 0.05 ? '±' : v > 0 ? '+' : '') + digits(v * 100, 1) + ' pt';
const nats = v => !isNumber(v) ? String(v) : v === 0 ? '0' : minus(Math.abs(v) < 0.001 ? v.toExponential(1) : v.toPrecision(3));
const plusMinus = (v, e) => `${nats(v)} ± ${isNumber(e) ? Number(e).toPrecision(2) : e}`;
const size = v => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let u = 0;
  while (Math.abs(v) >= 1000 && u < units.length - 1) { v /= 1000; u++; }
  return (u === 0 ? whole(v) : v.toPrecision(Math.abs(v) >= 1000 ? 4 : 3)) + ' ' + units[u];
};
const time = s => !isNumber(s) ? String(s) : s >= 1 ? digits(s, 2) + ' s' : s >= 0.001 ? (s * 1e3).toPrecision(3) + ' ms' : (s * 1e6).toPrecision(3) + ' µs';
// Minutes and hours, for what people wait for.
const duration = s => s < 60 ? digits(s, s < 10 ? 1 : 0) + ' s'
  : s < 3600 ? `${Math.floor(s / 60)} min ${Math.round(s % 60)} s` : `${Math.floor(s / 3600)} h ${Math.round(s % 3600 / 60)} min`;
const change = (dense, now) => {
  if (!(dense > 0)) return '';
  const percents = Math.round((now / dense - 1) * 100);
  return (percents < 0 ? '−' : percents > 0 ? '+' : '±') + Math.abs(percents) + ' %';
};
const bits = v => v === 0 ? 'as is' : v + ' bits';
const several = (n, one, many = one + 's') => `${whole(n)} ${n === 1 ? one : many}`;
