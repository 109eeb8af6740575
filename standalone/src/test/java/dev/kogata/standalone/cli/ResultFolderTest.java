package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFolderTest {
    @TempDir
    Path folder;

    @Test
    void anEarlierResultIsReplacedAsAWhole() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        Files.writeString(out.resolve("plan.json"), "old");
        Files.createDirectories(out.resolve("bundle"));
        ResultFolder result = ResultFolder.at(out);
        Files.writeString(result.gather().resolve("plan.json"), "new");
        assertThat(out.resolve("plan.json")).hasContent("old");
        result.deliver();
        assertThat(out.resolve("plan.json")).hasContent("new");
        assertThat(out.resolve("bundle")).doesNotExist();
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(out);
        }
    }

    @Test
    void aFileAmongAResultsFilesIsNobodysToRemove() throws Exception {
        Files.writeString(folder.resolve("plan.json"), "{}");
        Files.writeString(folder.resolve("notes.txt"), "mine");
        assertThatThrownBy(() -> ResultFolder.at(folder)).isInstanceOf(CommandFailure.class).hasMessageContaining("notes.txt");
    }

    @Test
    void aFileIsNoFolder() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> ResultFolder.at(file)).isInstanceOf(CommandFailure.class).hasMessageContaining("is a file");
    }
}
