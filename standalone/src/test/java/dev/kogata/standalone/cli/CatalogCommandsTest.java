package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.standalone.client.FakeGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code models}, {@code datasets}, and {@code compress} with what the gateway has already. */
class CatalogCommandsTest {
    private static final String MODEL = "{\"name\":\"models/0f3a\",\"display_name\":\"my-model\",\"size_bytes\":5000000,\"sha256\":\"ab\",\"create_time\":\"2026-01-01T00:00:00Z\","
            + "\"inspection\":{\"layout\":\"optimum\",\"components\":[{\"name\":\"decoder\",\"tensor_bytes\":4000000}],\"weights\":[{},{}],\"cache_layers\":[{}],\"remarks\":[\"Left alone.\"]}}";
    private static final String DATASET = "{\"name\":\"datasets/7b21\",\"display_name\":\"a\\u001b[31m.jsonl\",\"size_bytes\":70,\"inspection\":{\"conversations\":40,\"with_images\":30,\"turns\":50,\"tags\":[\"left\",\"right\"]}}";

    @TempDir
    Path folder;

    @AutoClose
    private final FakeGateway fake = new FakeGateway();

    @AfterEach
    void stop() {
        System.clearProperty("kogata.terminal.out");
    }

    @Test
    void listShowsATableToPeopleAndOneDocumentALineToPrograms() {
        fake.json("GET /v1/models?page_size=200&filter=&page_token=", 200, "{\"models\":[" + MODEL + "],\"next_page_token\":\"more\"}")
                .json("GET /v1/models?page_size=200&filter=&page_token=more", 200, "{\"models\":[" + MODEL.replace("0f3a", "1c4d") + "]}");
        Ran table = kogata("models", "list");
        assertThat(table.out().lines()).hasSize(3).first().asString().startsWith("MODEL").contains("LAYOUT");
        assertThat(table.out()).contains("0f3a", "1c4d", "my-model", "optimum");
        assertThat(kogata("models", "list", "--json").out().lines()).hasSize(2).allSatisfy(line -> assertThat(line).startsWith("{\"name\":\"models/"));
    }

    @Test
    void whereOutputIsNoTerminalResourcesAreJsonAndSoAreFailures() {
        fake.json("GET /v1/models?page_size=200&filter=&page_token=", 200, "{\"models\":[" + MODEL + "]}");
        System.setProperty("kogata.terminal.out", "false");
        assertThat(kogata("models", "list").out()).startsWith("{\"name\":\"models/0f3a\"");
        assertThat(kogata("models", "list", "--table").out()).startsWith("MODEL");
        assertThat(kogata("models", "show", "none").document().at("/error/reason").asText()).isEqualTo("NOT_FOUND");
    }

    @Test
    void listsByNameAreTheGatewaysFilter() {
        fake.json("GET /v1/datasets?page_size=200&filter=display_name%3Da.jsonl&page_token=", 200, "{\"datasets\":[" + DATASET + "]}");
        Ran ran = kogata("datasets", "list", "--name", "a.jsonl");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).contains("7b21", "40").as("a name does not steer the terminal").doesNotContain("\u001b");
    }

    @Test
    void showTellsWhatAScanFound() {
        fake.json("GET /v1/models/0f3a", 200, MODEL).json("GET /v1/datasets/7b21", 200, DATASET);
        assertThat(kogata("models", "show", "0f3a").out()).contains("models/0f3a my-model", "optimum", "decoder (", "2 weights", "Left alone.");
        assertThat(kogata("models", "show", "models/0f3a", "--json").document().path("name").asText()).isEqualTo("models/0f3a");
        assertThat(kogata("datasets", "show", "7b21").out()).contains("40, 30 with pictures", "left, right");
    }

    @Test
    void deleteSaysWhatIsGoneAndWhatIsNeededInTheGatewaysWords() {
        fake.answer("DELETE /v1/models/0f3a", 204, "application/json", "")
                .answer("DELETE /v1/datasets/7b21", 409, "application/problem+json", "{\"reason\":\"IN_USE\",\"detail\":\"It is needed by jobs/1.\",\"status\":409}");
        assertThat(kogata("models", "delete", "0f3a", "--json").out()).isEqualTo("{\"name\":\"models/0f3a\",\"deleted\":true}\n");
        Ran refused = kogata("datasets", "delete", "7b21");
        assertThat(refused.exit()).isEqualTo(3);
        assertThat(refused.err()).contains("needed by jobs/1");
    }

    @Test
    void whateverIsTypedAsAnIdIsOneAndAnEmptyOneIsAUsageError() {
        Ran odd = kogata("models", "show", "a b/../c");
        assertThat(odd.exit()).isEqualTo(3);
        assertThat(fake.requests()).last().satisfies(request -> assertThat(request.path()).isEqualTo("/v1/models/a%20b%2F..%2Fc"));
        assertThat(kogata("jobs", "show", "a b").exit()).isEqualTo(3);
        assertThat(kogata("models", "delete", "").exit()).isEqualTo(2);
        assertThat(kogata("jobs", "delete", "jobs/").exit()).isEqualTo(2);
    }

    @Test
    void compressTakesAModelAndDataThatTheGatewayHasWithoutSendingAnything() throws Exception {
        fake.json("GET /v1/models/0f3a", 200, MODEL).json("GET /v1/datasets/7b21", 200, DATASET)
                .json("POST /v1/jobs", 201, "{\"name\":\"jobs/1\"}")
                .answer("GET /v1/jobs/1/events", 200, "text/event-stream", "id: 1\ndata: {\"sequence\":\"1\",\"state\":\"FAILED\"}\n\n")
                .json("GET /v1/jobs/1", 200, "{\"name\":\"jobs/1\",\"state\":\"FAILED\"}");
        Ran ran = kogata("compress", "models/0f3a", "--budget", "40%", "--data", "datasets/7b21", "--heldout", "datasets/7b21", "--out", folder.resolve("out").toString(),
                "--home", folder.toString());
        assertThat(ran.exit()).isEqualTo(4);
        assertThat(fake.requests()).filteredOn(request -> request.method().equals("POST")).singleElement()
                .satisfies(request -> assertThat(request.body()).contains("\"model\":\"models/0f3a\",\"dataset\":\"datasets/7b21\",\"heldout\":\"datasets/7b21\""));
    }

    @Test
    void compressRefusesAModelThatTheGatewayDoesNotHaveBeforeAnythingIsSent() {
        Ran ran = kogata("compress", "models/none", "--budget", "40%", "--out", folder.resolve("out").toString(), "--home", folder.toString(), "--json");
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().at("/error/reason").asText()).isEqualTo("NOT_FOUND");
        assertThat(fake.requests()).allSatisfy(request -> assertThat(request.method()).isEqualTo("GET"));
    }

    @Test
    void anEstimateOfAStoredModelIsTheGateways() {
        fake.json("POST /v1/jobs:estimate", 200, "{\"dense_bytes\":1000,\"budget_bytes\":400,\"trials\":100}");
        Ran ran = kogata("compress", "models/0f3a", "--budget", "40%", "--estimate", "--json");
        assertThat(ran.document().path("budget_bytes").asInt()).isEqualTo(400);
        assertThat(fake.requests()).singleElement().satisfies(request -> assertThat(request.body()).contains("\"model\":\"models/0f3a\""));
    }

    @Test
    void aFolderOfThatNameGoesFirst() throws Exception {
        Path here = Files.createDirectories(folder.resolve("models/0f3a"));
        assertThat(Given.stored(here, "models")).isEmpty();
        assertThat(Given.stored(Path.of("models/0f3a"), "models")).contains("models/0f3a");
        assertThat(Given.stored(Path.of("models/0f3a/onnx"), "models")).isEmpty();
    }

    private Ran kogata(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = fake.address().toString();
        return Ran.kogata(all);
    }
}
