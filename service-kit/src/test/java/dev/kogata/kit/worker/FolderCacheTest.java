package dev.kogata.kit.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.KogataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderCacheTest {
    @TempDir
    Path folder;

    private FolderArtifactStore store;
    private Manifests manifests;
    private FolderCache cache;

    @BeforeEach
    void open() {
        store = new FolderArtifactStore(folder.resolve("store"), true);
        manifests = new Manifests(store);
        cache = new FolderCache(manifests, folder.resolve("cache"), 25);
    }

    @Test
    void removesWhatWasNotUsedLongestWhenItIsFull() {
        Path one = useOnce("1");
        Path two = useOnce("2");
        useOnce("1");
        Path three = useOnce("3");
        assertThat(one).exists();
        assertThat(two).doesNotExist();
        assertThat(three).exists();
    }

    @Test
    void keepsWhatIsInUseEvenAboveTheBound() {
        FolderCache.Use one = cache.use(manifest("1"));
        FolderCache.Use two = cache.use(manifest("2"));
        FolderCache.Use three = cache.use(manifest("3"));
        assertThat(List.of(one, two, three)).allSatisfy(use -> assertThat(use.folder()).exists());
        one.close();
        one.close();
        assertThat(one.folder()).doesNotExist();
        assertThat(two.folder()).exists();
        two.close();
        three.close();
    }

    @Test
    void fetchesOnceForManyTasksAtOnce() throws Exception {
        Artifact manifest = manifest("1");
        Set<Path> folders = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Void> task = () -> {
                try (FolderCache.Use use = cache.use(manifest)) {
                    assertThat(use.folder().resolve("file")).exists();
                    folders.add(use.folder());
                }
                return null;
            };
            for (var future : threads.invokeAll(Collections.nCopies(32, task))) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(folders).hasSize(1);
    }

    @Test
    void forgetsAManifestThatCouldNotBeFetched() {
        Artifact manifest = manifest("1");
        String file = manifests.read(manifest).getFiles(0).getSha256();
        store.delete(file);
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(KogataException.class).isThrownBy(() -> cache.use(manifest))
                    .extracting(KogataException::reason).isEqualTo(Reason.NOT_FOUND);
        }
        manifest("1");
        assertThat(useOnce("1")).exists();
    }

    private Path useOnce(String text) {
        try (FolderCache.Use use = cache.use(manifest(text))) {
            return use.folder();
        }
    }

    /** A folder with one file of ten bytes. */
    private Artifact manifest(String text) {
        Artifact file = store.put(text.repeat(10).getBytes(UTF_8), "text/plain");
        return manifests.write(Manifest.newBuilder().addFiles(Manifests.entry("file", file)).build());
    }
}
