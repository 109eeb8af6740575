package dev.kogata.orchestrator.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.database.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the database that was made before a deletion needs the bytes that it names. */
class LeftoversTest {
    @TempDir
    Path folder;

    @Test
    void bytesStayAsLongAsTheCopyOfTheStoreMayTake() {
        ArtifactStore store = Artifacts.open(TestConfig.with(Map.of("kogata.artifacts.url", folder.toUri().toString())).artifacts());
        try (Database database = Database.open(TestConfig.with(Map.of()).database(), "orchestrator");
                Leftovers patient = new Leftovers(database, store, Duration.ofHours(1)); Leftovers other = new Leftovers(database, store, Duration.ZERO)) {
            String early = put(store, "left two hours ago");
            String again = put(store, "left two hours ago, taken up again, and left now");
            String late = put(store, "left now");
            leave(database, patient, early);
            leave(database, patient, again);
            database.withHandle(handle -> handle.createUpdate("update leftover set left_at = :then").bind("then", java.time.OffsetDateTime.now().minusHours(2)).execute());
            leave(database, patient, again);
            leave(database, patient, late);

            assertThat(patient.free()).isEqualTo(1);
            assertThat(store.exists(early)).isFalse();
            assertThat(List.of(again, late)).allMatch(store::exists);
            assertThat(other.free()).as("without such a time").isEqualTo(2);
            assertThat(List.of(again, late)).noneMatch(store::exists);
        }
    }

    private static String put(ArtifactStore store, String content) {
        return store.put(content.getBytes(StandardCharsets.UTF_8), Artifacts.BYTES).getSha256();
    }

    private static void leave(Database database, Leftovers leftovers, String sha256) {
        database.inTransaction(handle -> {
            leftovers.leave(handle, List.of(sha256.getBytes(StandardCharsets.ISO_8859_1)));
            return null;
        });
    }
}
