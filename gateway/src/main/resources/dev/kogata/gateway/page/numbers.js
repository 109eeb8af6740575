// Numbers as people read them, always with their unit.
export const whole = v => Number(v).toLocaleString('en', { maximumFractionDigits: 0 });
export const several = (n, one, many = one + 's') => `${whole(n)} ${Number(n) === 1 ? one : many}`;
export const isNumber = v => typeof v === 'number' && Number.isFinite(v);
export const minus = text => text.replaceAll('-', '−');
export const percent = (v, digits = 1) => isNumber(v) ? minus((v * 100).toFixed(digits)) + ' %' : '–';
export const nats = v => !isNumber(v) ? String(v ?? '–') : v === 0 ? '0' : minus(Math.abs(v) < 0.001 ? v.toExponential(1) : v.toPrecision(3));
export const size = bytes => {
  let v = Number(bytes), u = 0;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  while (v >= 1000 && u < units.length - 1) { v /= 1000; u++; }
  return (u === 0 ? whole(v) : v.toPrecision(v >= 1000 ? 4 : 3)) + ' ' + units[u];
};
export const time = s => s >= 1 ? s.toFixed(2) + ' s' : s >= 0.001 ? (s * 1e3).toPrecision(3) + ' ms' : (s * 1e6).toPrecision(3) + ' µs';
export const duration = s => s < 1 ? time(s) : s < 90 ? s.toPrecision(2) + ' s' : s < 5400 ? Math.round(s / 60) + ' min' : (s / 3600).toFixed(1) + ' h';
export const change = (before, now) => {
  if (!(before > 0)) return '–';
  const percents = Math.round((now / before - 1) * 100);
  return (percents < 0 ? '−' : percents > 0 ? '+' : '±') + Math.abs(percents) + ' %';
};
export const moment = iso => iso ? new Date(iso).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' }) : '';
// 60%, 0.6, 120MB, 120MiB or bytes, as on the command line; null for what is none of them.
export const budget = text => {
  const form = /^\s*([0-9]+(\.[0-9]+)?)\s*(?:(%)|([KMGT]?)(i?)B)?\s*$/i.exec(text);
  if (!form || (form[5] && !form[4])) return null;
  const number = Number(form[1]);
  if (form[3]) return { ratio: number / 100 };
  if (form[4] === undefined && form[2]) return { ratio: number };
  const power = form[4] ? ' KMGT'.indexOf(form[4].toUpperCase()) : 0;
  return { bytes: Math.floor(number * (form[5] ? 1024 : 1000) ** power) };
};
// 20% or 0.2; null for what is neither.
export const share = text => {
  const form = /^\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*$/.exec(text);
  return form ? Number(form[1]) / (form[2] ? 100 : 1) : null;
};
