package dev.kogata.onnx.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetSplitTest {
    private static final DatasetSplit.Limits NONE = new DatasetSplit.Limits(0, 0, 0);
    @TempDir Path folder;

    private Dataset dataset(List<String> lines) throws IOException {
        Path file = Files.createTempDirectory(folder, "dataset").resolve("data.jsonl");
        Files.write(file, lines);
        return Dataset.read(file.getParent(), DatasetLimits.DEFAULT);
    }

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to).mapToObj("{\"messages\":[{\"role\":\"user\",\"content\":\"%d\"},{\"role\":\"assistant\",\"content\":\"a\"}]}"::formatted).toList();
    }

    private static Set<String> contents(List<Conversation> conversations) {
        Set<String> contents = new HashSet<>();
        conversations.forEach(conversation -> contents.add(conversation.contentSha256()));
        return contents;
    }

    @Test
    void oneFileBecomesThreeSetsThatShareNothing() throws IOException {
        List<String> lines = new ArrayList<>(lines(0, 40));
        lines.addAll(lines(0, 5));
        DatasetSplit split = DatasetSplit.of(dataset(lines), Optional.empty(), 7, NONE);
        assertThat(split.search()).hasSize(20);
        assertThat(split.selection()).hasSize(10);
        assertThat(split.heldout()).hasSize(10);
        assertThat(split.dropped()).isEqualTo(5);
        Set<String> all = contents(split.search());
        all.addAll(contents(split.selection()));
        all.addAll(contents(split.heldout()));
        assertThat(all).hasSize(40);
    }

    @Test
    void theOrderOfLinesDoesNotMatterAndTheSeedDoes() throws IOException {
        List<String> reversed = new ArrayList<>(lines(0, 40));
        Collections.reverse(reversed);
        DatasetSplit split = DatasetSplit.of(dataset(lines(0, 40)), Optional.empty(), 7, NONE);
        assertThat(contents(DatasetSplit.of(dataset(reversed), Optional.empty(), 7, NONE).search())).isEqualTo(contents(split.search()));
        assertThat(contents(DatasetSplit.of(dataset(reversed), Optional.empty(), 8, NONE).search())).isNotEqualTo(contents(split.search()));
    }

    @Test
    void whatIsHeldOutIsNeverSearchedWith() throws IOException {
        DatasetSplit split = DatasetSplit.of(dataset(lines(0, 31)), Optional.of(dataset(lines(30, 50))), 7, new DatasetSplit.Limits(12, 0, 15));
        assertThat(split.search()).hasSize(12);
        assertThat(split.selection()).hasSize(10);
        assertThat(split.heldout()).hasSize(15);
        assertThat(split.dropped()).isEqualTo(1);
        assertThat(contents(split.search())).doesNotContainAnyElementsOf(contents(split.heldout()));
    }

    @Test
    @Tag("hostile-54")
    void tooFewDifferentConversationsAreRefused() {
        assertThatThrownBy(() -> DatasetSplit.of(dataset(lines(0, 5)), Optional.empty(), 7, NONE))
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("DATASET_TOO_SMALL"));
        assertThatThrownBy(() -> DatasetSplit.of(dataset(lines(0, 9)), Optional.of(dataset(lines(0, 9))), 7, NONE))
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("DATASET_OVERLAP"));
    }
}
