// What a person drops or chooses, as a list of {path, file}: a folder's files by their path inside it, or single files.
const inside = (entry, path) => new Promise((done, failed) => {
  if (entry.isFile) {
    entry.file(file => done([{ path, file }]), failed);
    return;
  }
  const reader = entry.createReader(), found = [];
  const more = () => reader.readEntries(async entries => {
    try {
      if (entries.length === 0) return done((await Promise.all(found)).flat());
      entries.forEach(e => found.push(inside(e, path ? path + '/' + e.name : e.name)));
      more();
    } catch (e) { failed(e); }
  }, failed);
  more();
});

export const dropped = async transfer => {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 1 && entries[0].isDirectory) return { name: entries[0].name, files: await inside(entries[0], '') };
  const files = (await Promise.all(entries.map(e => inside(e, e.name)))).flat();
  return { name: stem(files[0]?.path || ''), files };
};

export const chosen = input => {
  const files = [...input.files].map(file => ({ path: file.webkitRelativePath ? file.webkitRelativePath.slice(file.webkitRelativePath.indexOf('/') + 1) : file.name, file }));
  const folder = input.files[0]?.webkitRelativePath?.split('/')[0];
  return { name: folder || stem(files[0]?.path || ''), files };
};

const stem = path => path.split('/').pop().replace(/\.(zip|tar|tar\.gz|tgz|jsonl)$/i, '');

// Files that a data set's lines name, and the lines themselves: a folder may hold several sets and much else.
export const namedBy = async (lines, files) => {
  const folder = lines.path.includes('/') ? lines.path.slice(0, lines.path.lastIndexOf('/') + 1) : '';
  const others = new Map(files.filter(f => f.path.startsWith(folder)).map(f => [f.path.slice(folder.length), f]));
  const named = new Set();
  const visit = value => {
    if (typeof value === 'string') { if (others.has(value)) named.add(value); }
    else if (value && typeof value === 'object') Object.values(value).forEach(visit);
  };
  for (const line of (await lines.file.text()).split('\n')) {
    // A line that is no JSON is for the gateway to refuse, with its number.
    try { visit(JSON.parse(line)); } catch { /* see above */ }
  }
  return [{ path: lines.path.slice(folder.length), file: lines.file }, ...[...named].map(path => ({ path, file: others.get(path).file }))];
};
