package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumptionTest {
    @TempDir
    Path home;

    @Test
    void theSameCommandHasTheSameKeyUntilItsJobIsOver() {
        Resumption first = Resumption.of(home, request(100), Path.of("out"));
        Resumption again = Resumption.of(home, request(100), Path.of("out"));
        assertThat(first.isEarlier()).isFalse();
        assertThat(again.isEarlier()).isTrue();
        assertThat(again.key()).isEqualTo(first.key());
        again.over();
        assertThat(Resumption.of(home, request(100), Path.of("out")).key()).isNotEqualTo(first.key());
    }

    @Test
    void anotherRequestOrFolderIsAnotherJob() {
        String key = Resumption.of(home, request(100), Path.of("out")).key();
        assertThat(Resumption.of(home, request(101), Path.of("out")).key()).isNotEqualTo(key);
        assertThat(Resumption.of(home, request(100), Path.of("other")).key()).isNotEqualTo(key);
    }

    @Test
    void aJobThatCannotSucceedAnyMoreIsAskedForAnew() {
        Resumption resumption = Resumption.of(home, request(100), Path.of("out"));
        String key = resumption.key();
        resumption.renew();
        assertThat(resumption.key()).isNotEqualTo(key);
        assertThat(resumption.isEarlier()).isFalse();
    }

    private static ObjectNode request(int trials) {
        return Output.JSON.createObjectNode().put("model", "models/m").put("trials", trials);
    }
}
