package dev.kogata.kit.worker;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.Manifests;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Materialised manifests of a process, so that a model is not fetched anew for every task. Bounded: folders that no task
 * uses go, the longest unused first. Folders in use stay, even above the bound. Thread-safe.
 */
final class FolderCache {
    private final Manifests manifests;
    private final Path root;
    private final long limit;
    /** By SHA-256 of the manifest, in order of last use. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    FolderCache(Manifests manifests, Path root, long limitBytes) {
        this.manifests = manifests;
        this.root = root;
        this.limit = limitBytes;
    }

    /** A folder in use; closing gives it back. */
    interface Use extends AutoCloseable {
        Path folder();

        @Override
        void close();
    }

    /** The manifest's folder. Whoever comes while another task fetches it waits for that one. */
    Use use(Artifact manifest) {
        String sha256 = manifest.getSha256();
        Entry entry;
        boolean first;
        synchronized (entries) {
            first = !entries.containsKey(sha256);
            entry = entries.computeIfAbsent(sha256, it -> new Entry(root.resolve(it)));
            entry.users++;
        }
        if (first) {
            fetch(manifest, entry);
        }
        try {
            entry.ready.join();
        } catch (CompletionException e) {
            release(entry);
            throw e.getCause() instanceof RuntimeException error ? error : e;
        }
        return new Use() {
            private boolean closed;

            @Override
            public Path folder() {
                return entry.folder;
            }

            @Override
            public synchronized void close() {
                if (!closed) {
                    closed = true;
                    release(entry);
                }
            }
        };
    }

    private void fetch(Artifact manifest, Entry entry) {
        try {
            long bytes = manifests.read(manifest).getFilesList().stream().mapToLong(ManifestFile::getSizeBytes).sum();
            synchronized (entries) {
                entry.bytes = bytes;
                makeRoom();
            }
            Folders.delete(entry.folder);
            manifests.materialise(manifest, entry.folder);
            entry.ready.complete(null);
        } catch (RuntimeException | Error e) {
            synchronized (entries) {
                entries.remove(manifest.getSha256(), entry);
            }
            entry.ready.completeExceptionally(e);
        }
    }

    private void release(Entry entry) {
        synchronized (entries) {
            entry.users--;
            makeRoom();
        }
    }

    /** Deleting is quick: the folders hold links. It happens under the lock so that nobody fetches the same one meanwhile. */
    private void makeRoom() {
        long bytes = entries.values().stream().mapToLong(entry -> entry.bytes).sum();
        for (Entry entry : entries.values().toArray(Entry[]::new)) {
            if (bytes <= limit) {
                return;
            }
            if (entry.users == 0) {
                entries.values().remove(entry);
                Folders.delete(entry.folder);
                bytes -= entry.bytes;
            }
        }
    }

    private static final class Entry {
        private final Path folder;
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private int users;
        private long bytes;

        Entry(Path folder) {
            this.folder = folder;
        }
    }
}
