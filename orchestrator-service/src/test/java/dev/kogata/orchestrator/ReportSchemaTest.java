package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.kogata.common.v1.Inspection;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.Thresholds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published schema of {@code report.json} holds for what jobs write, and leaves nothing of it out. */
class ReportSchemaTest {

    @TempDir
    Path folder;
    private JsonNode schema;

    @Test
    void holdsForAReportAndDescribesEveryFieldOfIt() throws Exception {
        holds(FakeModel.INSPECTION, Thresholds.newBuilder().setMaxKl(1));
    }

    @Test
    void holdsForTheReportOfAVisionEncoderAlone() throws Exception {
        JsonNode report = holds(FakeModel.ENCODER, Thresholds.newBuilder().setMaxLatencyIncrease(1));
        assertThat(report.at("/objective/name").asText()).isEqualTo("feature-error");
        assertThat(report.toString()).as("what answers alone have is absent, not zero").doesNotContain("\"kl\"").doesNotContain("_kl\"").doesNotContain("\"exact\"").doesNotContain("\"nll\"")
                .doesNotContain("\"prefill").doesNotContain("\"decode").doesNotContain("\"cache_tokens");
        JsonNode delivered = report.at("/heldout/delivered");
        assertThat(delivered.get("feature_error").asDouble()).isPositive().isEqualTo(delivered.get("loss").asDouble()).isLessThanOrEqualTo(report.at("/heldout/uniform/feature_error").asDouble());
        assertThat(delivered.get("pictures").asInt()).isEqualTo(12);
        assertThat(report.at("/latency/delivered/picture_seconds").asDouble()).isEqualTo(0.004);
        assertThat(report.at("/decision/checks/0/measures").asText()).isEqualTo("longer time for a picture");
        assertThat(report.get("remarks").toString()).contains("there is nothing to say about caches").doesNotContain("divergence").doesNotContain("conversation");
        assertThat(report.get("how_measured").toString()).contains("features of zeros").doesNotContain("KL").doesNotContain("cache at the stated workload");
    }

    private JsonNode holds(Inspection model, Thresholds.Builder thresholds) throws Exception {
        Path file = Path.of(System.getProperty("kogata.root"), "docs", "report.schema.json");
        schema = Json.read(Files.readAllBytes(file));
        JsonNode report;
        try (Mesh mesh = new Mesh(folder, Map.of())) {
            mesh.workers.model = model;
            Job job = mesh.create(mesh.request().setTrials(4).setThresholds(thresholds));
            mesh.events(job.getName());
            report = mesh.document(job.getName(), "report.json");
        }

        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(report)).isEmpty();
        TreeSet<String> unknown = new TreeSet<>();
        collectUndescribed(report, schema, "", unknown);
        assertThat(unknown).as("fields of report.json that docs/report.schema.json does not describe: add them there").isEmpty();
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(Json.read("{\"version\": 2}".getBytes())))
                .as("the schema can fail").isNotEmpty();
        return report;
    }

    private void collectUndescribed(JsonNode value, JsonNode description, String path, TreeSet<String> unknown) {
        JsonNode described = resolved(description);
        if (value.isArray()) {
            value.forEach(item -> collectUndescribed(item, described.path("items"), path + "[]", unknown));
        }
        if (value.isObject()) {
            value.fields().forEachRemaining(field -> {
                String name = path + "." + field.getKey();
                JsonNode property = described.path("properties").path(field.getKey());
                JsonNode any = described.path("additionalProperties");
                if (property.isMissingNode() && any.isMissingNode()) {
                    unknown.add(name);
                } else {
                    collectUndescribed(field.getValue(), property.isMissingNode() ? any : property, name, unknown);
                }
            });
        }
    }

    private JsonNode resolved(JsonNode description) {
        // An object that may be null is one of two alternatives.
        JsonNode reference = description.has("anyOf") ? description.get("anyOf").get(0).path("$ref") : description.path("$ref");
        return reference.isMissingNode() ? description : schema.at(reference.asText().substring(1));
    }
}
