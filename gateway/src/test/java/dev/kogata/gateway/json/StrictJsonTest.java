package dev.kogata.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobRequest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    @Test
    void readsWhatPipelinesSend() {
        JobRequest request = read("""
            {"model":"models/m","dataset":"datasets/d","heldout":null,"budget":{"ratio":0.6},"workload":{"batch":1,"context":1024},
             "format":"portable","method":"wanda","final":"best","trials":100,"seed":18446744073709551615}""");
        assertThat(request.getBudget().getRatio()).isEqualTo(0.6);
        assertThat(request.getWorkload().getContext()).isEqualTo(1024);
        assertThat(request.getFinal()).isEqualTo("best");
        assertThat(Long.toUnsignedString(request.getSeed())).isEqualTo("18446744073709551615");
    }

    @Test
    void readsZeroAsGiven() {
        assertThat(read("{\"budget\":{\"cache_ratio\":0}}").getBudget().hasCacheRatio()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"modell\":\"models/m\"}|modell", "{\"budget\":{\"ration\":0.6}}|budget.ration", "{\"budget\":{\"weightsRatio\":0.6}}|budget.weightsRatio",
        "{\"trials\":\"100\"}|trials", "{\"trials\":1.5}|trials", "{\"trials\":3000000000}|trials", "{\"seed\":-1}|seed",
        "{\"budget\":0.6}|budget", "{\"budget\":{\"ratio\":\"NaN\"}}|budget.ratio", "{\"budget\":{\"ratio\":1e999}}|budget.ratio",
        "{\"budget\":{\"ratio\":0.6,\"bytes\":5}}|budget.bytes", "{\"model\":7}|model", "{\"model\":[\"a\"]}|model",
        "{\"model\":\"a\",\"model\":\"b\"}|body", "{\"budget\":{\"ratio\":NaN}}|body", "[]|body", "{} {}|body", "{|body", "'x'|body"})
    @Tag("hostile-56")
    void refusesAndNamesTheField(String json, String field) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(KogataException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.ARGUMENT_INVALID);
            assertThat(e.metadata()).containsEntry("field", field);
            assertThat(e.getMessage()).doesNotContain("com.").doesNotContain("dev.kogata");
        });
    }

    /** Written out, these have up to three hundred million digits: whoever does that is still at it when the time is over. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"seed\":1e300000000}", "{\"seed\":1e-300000000}", "{\"trials\":1e300000000}", "{\"budget\":{\"bytes\":1e300000000}}", "{\"budget\":{\"ratio\":1e-300000000}}",
        "{\"seed\":1e-9999999999999}", "{\"seed\":0.0e9999999999999}"})
    @Tag("hostile-53")
    @Timeout(60)
    void refusesNumbersThatTakeForeverToWriteOut(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ARGUMENT_INVALID));
    }

    /** Bytes that begin as UTF-16 or UTF-32 does are read as such, and these are none. */
    @Test
    @Tag("hostile-56")
    void refusesBodiesInBrokenCharacterSets() {
        byte[] body = {0, 0, (byte) 0xfe, (byte) 0xff, '{', '}', ' ', ' ', '{', '}', ' ', ' '};
        assertThatThrownBy(() -> new StrictJson(500).object(new ByteArrayInputStream(body))).isInstanceOfSatisfying(KogataException.class,
            e -> assertThat(e.metadata()).containsEntry("field", "body"));
    }

    @Test
    @Tag("hostile-57")
    void refusesBodiesOverTheLimit() {
        assertThatThrownBy(() -> read("{\"model\":\"" + "x".repeat(1000) + "\"}")).isInstanceOfSatisfying(KogataException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
    }

    @Test
    @Tag("hostile-57")
    void readsBodiesOfTheLimitAndNotOneByteMore() {
        String body = "{\"model\":\"models/m\"}";
        assertThat(new StrictJson(body.length()).object(stream(body)).path("model").asText()).isEqualTo("models/m");
        assertThatThrownBy(() -> new StrictJson(body.length()).object(stream(body + " "))).isInstanceOfSatisfying(KogataException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
    }

    @Test
    void survivesDeepNesting() {
        assertThatThrownBy(() -> new StrictJson(1 << 20).object(stream("{\"a\":".repeat(100_000)))).isInstanceOf(KogataException.class);
    }

    private static JobRequest read(String json) {
        return StrictJson.merge(new StrictJson(600).object(stream(json)), JobRequest.newBuilder()).build();
    }

    private static ByteArrayInputStream stream(String json) {
        return new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
    }
}
