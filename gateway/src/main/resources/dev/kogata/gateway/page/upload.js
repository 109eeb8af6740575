// Resumable uploads: tus 1.0.0, creation, HEAD and PATCH. (tus-js-client is on no Maven repository.)
import { headers, problemOf, unreachable } from './api.js';

const SLICE = 16 << 20, PATIENCE = 6;
const tus = () => ({ 'Tus-Resumable': '1.0.0', ...headers() });
const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const pause = (ms, signal) => new Promise((done, stop) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); stop(signal.reason); }, { once: true });
});
const known = (file, name) => `upload:${name}:${file.size}:${file.lastModified}`;

const create = async (file, name, signal) => {
  const answer = await fetch('/v1/uploads', { method: 'POST', signal, headers: { ...tus(), 'Upload-Length': String(file.size), 'Upload-Metadata': 'filename ' + base64(name) } });
  if (!answer.ok) throw problemOf(answer.status, await answer.text());
  return new URL(answer.headers.get('Location'), answer.url).href;
};

// Where an upload stands; null where the gateway does not know it any more.
const offsetOf = async (url, signal) => {
  const answer = await fetch(url, { method: 'HEAD', signal, headers: tus(), cache: 'no-store' });
  return answer.ok ? Number(answer.headers.get('Upload-Offset')) : null;
};

// fetch tells nothing of an upload's progress, XMLHttpRequest does.
const patch = (url, bytes, offset, signal, progress) => new Promise((done, failed) => {
  const request = new XMLHttpRequest();
  request.open('PATCH', url);
  for (const [name, value] of Object.entries({ ...tus(), 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' })) request.setRequestHeader(name, value);
  const stop = () => request.abort();
  signal.addEventListener('abort', stop, { once: true });
  request.upload.onprogress = event => progress(offset + event.loaded);
  request.onload = () => request.status === 204 ? done(Number(request.getResponseHeader('Upload-Offset'))) : failed(problemOf(request.status, request.responseText));
  request.onerror = () => failed(unreachable());
  request.onabort = () => failed(signal.reason);
  request.onloadend = () => signal.removeEventListener('abort', stop);
  request.send(bytes);
});

// Uploads one file and returns its name, uploads/ID; goes on where an earlier attempt of this tab stopped.
export const upload = async (file, name, signal, progress) => {
  const memory = known(file, name);
  let url = sessionStorage.getItem(memory), offset = null, failures = 0;
  while (true) {
    try {
      if (url && offset === null) offset = await offsetOf(url, signal);
      if (offset === null) {
        url = await create(file, name, signal);
        sessionStorage.setItem(memory, url);
        offset = 0;
      }
      while (offset < file.size) {
        offset = await patch(url, file.slice(offset, offset + SLICE), offset, signal, progress);
        failures = 0;
      }
      progress(file.size);
      sessionStorage.removeItem(memory);
      return url.slice(url.lastIndexOf('uploads/'));
    } catch (failure) {
      if (signal.aborted) throw failure;
      // Refusals stay refusals; a connection that broke, or a gateway that is just starting again, may be back soon.
      const passing = !failure.status || failure.status >= 500 || failure.reason === 'UPLOAD_OFFSET_WRONG';
      if (!passing || ++failures > PATIENCE) throw failure.status === undefined ? unreachable() : failure;
      await pause(250 * 2 ** failures, signal);
      offset = null;
    }
  }
};

// Uploads several, a few at a time, and returns their names in the same order.
export const uploadAll = async (files, signal, progress) => {
  const names = [], sent = files.map(() => 0);
  let next = 0;
  const one = async () => {
    while (next < files.length) {
      const i = next++;
      names[i] = await upload(files[i].file, files[i].path, signal, bytes => {
        sent[i] = bytes;
        progress(sent.reduce((a, b) => a + b, 0));
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, files.length) }, one));
  return names;
};
