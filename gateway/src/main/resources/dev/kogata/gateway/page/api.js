// The gateway's REST, with the key of whoever uses the page, and errors as the gateway words them.
export class Problem extends Error {
  constructor({ title, detail, reason, status, metadata }) {
    super(detail || title);
    Object.assign(this, { title: title || 'Something went wrong', detail: detail || '', reason: reason || '', status: status || 0, metadata: metadata || {} });
  }
}

// The key lives as long as this tab, and nowhere else.
export const key = {
  get: () => sessionStorage.getItem('key') || '',
  set: value => value ? sessionStorage.setItem('key', value) : sessionStorage.removeItem('key'),
};
export const headers = () => key.get() ? { Authorization: 'Bearer ' + key.get() } : {};

let refused = () => { };
export const onRefused = act => { refused = act; };

export const problemOf = (status, text) => {
  let told = {};
  try { told = JSON.parse(text); } catch { /* a proxy's page, not ours */ }
  const problem = new Problem({ title: told.title || `The gateway answered ${status}`, detail: told.detail, reason: told.reason, status, metadata: told.metadata });
  if (problem.reason === 'UNAUTHENTICATED' || status === 401) refused(problem);
  return problem;
};
export const unreachable = () => new Problem({ title: 'The gateway cannot be reached', detail: 'Nothing is lost: what runs goes on. The page tries again when you do.' });

const send = async (method, path, { body, signal, more = {} } = {}) => {
  let answer;
  try {
    answer = await fetch(path, { method, signal, headers: { ...headers(), ...(body ? { 'Content-Type': 'application/json' } : {}), Accept: 'application/json', ...more },
      body: body && JSON.stringify(body) });
  } catch (e) {
    throw e.name === 'AbortError' ? e : unreachable();
  }
  if (!answer.ok) throw problemOf(answer.status, await answer.text());
  return answer;
};

export const get = async (path, options) => (await send('GET', path, options)).json();
export const post = async (path, body, more, signal) => (await send('POST', path, { body, more, signal })).json();
export const remove = async path => { await send('DELETE', path); };
export const text = async path => (await send('GET', path, { more: { Accept: '*/*' } })).text();
export const blob = async path => (await send('GET', path, { more: { Accept: '*/*' } })).blob();
