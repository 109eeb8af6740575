package dev.kogata.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kogata.kit.artifact.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {
    private static final String KEY = "kogata_0123456789abcdefghij";
    private static final String OTHER = "kogata_abcdefghij0123456789";

    @TempDir
    Path folder;

    static String line(String tenant, String name, String key) {
        return tenant + " " + name + " " + Sha256.of(key.getBytes(StandardCharsets.UTF_8)) + "\n";
    }

    @Test
    void findsWhoseKeyItIs() throws IOException {
        ApiKeys keys = new ApiKeys(write("# of the team\n\n" + line("acme", "ci", KEY) + line("rival", "ci", OTHER)));
        assertThat(keys.find(KEY)).contains(new Caller("acme", "ci"));
        assertThat(keys.find(OTHER)).contains(new Caller("rival", "ci"));
        assertThat(keys.find(KEY + "x")).isEmpty();
        assertThat(keys.find("")).isEmpty();
        assertThat(keys.find(Sha256.of(KEY.getBytes(StandardCharsets.UTF_8)))).as("the hash itself is no key").isEmpty();
    }

    @Test
    void aChangedFileCountsAtOnceAndABrokenOneDoesNot() throws IOException {
        Path file = write(line("acme", "ci", KEY));
        ApiKeys keys = new ApiKeys(file);
        change(file, line("acme", "ci", OTHER), 10);
        assertThat(keys.find(KEY)).as("taken away").isEmpty();
        assertThat(keys.find(OTHER)).isPresent();
        change(file, "nonsense\n", 20);
        assertThat(keys.find(OTHER)).as("the last good file stays").isPresent();
    }

    @Test
    void saysWhichLineIsWrong() throws IOException {
        assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeys(write(line("acme", "ci", KEY) + "acme ci plain-key\n")))
            .withMessageContaining("Line 2").withMessageNotContaining("plain-key");
        assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeys(write(line("acme", "ci", KEY) + line("rival", "ci", KEY))))
            .withMessageContaining("repeats");
        assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeys(folder.resolve("none")));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("keys"), text);
    }

    private static void change(Path file, String text, int laterSeconds) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(laterSeconds)));
    }
}
