package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.standalone.client.FakeGateway;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsCommandTest {
    private static final String FAILED = "{\"name\":\"jobs/1\",\"state\":\"FAILED\",\"progress\":0.5,\"last_sequence\":\"1\",\"error\":{\"code\":9,"
            + "\"message\":\"The model crashed twice.\",\"details\":[{\"reason\":\"MODEL_CRASHED_RUNTIME\",\"domain\":\"kogata.dev\"}]}}";

    @TempDir
    Path folder;

    @AutoClose
    private final FakeGateway fake = new FakeGateway();

    @Test
    void listWalksThroughAllPagesOneJobALine() {
        fake.json("GET /v1/jobs?page_size=200&filter=active&page_token=", 200, "{\"jobs\":[{\"name\":\"jobs/2\"}],\"next_page_token\":\"t 1\"}")
                .json("GET /v1/jobs?page_size=200&filter=active&page_token=t%201", 200, "{\"jobs\":[{\"name\":\"jobs/1\"}],\"next_page_token\":\"\"}");
        Ran ran = Ran.kogata("jobs", "list", "--active", "--json", "--server", fake.address().toString());
        assertThat(ran.exit()).isZero();
        assertThat(ran.out().lines()).containsExactly("{\"name\":\"jobs/2\"}", "{\"name\":\"jobs/1\"}");
    }

    @Test
    void watchEndsWithTheJobsOwnReasonWhenItFails() {
        fake.answer("GET /v1/jobs/1/events", 200, "text/event-stream", "id: 1\ndata: {\"sequence\":\"1\",\"state\":\"FAILED\"}\n\n")
                .json("GET /v1/jobs/1", 200, FAILED);
        Ran ran = Ran.kogata("jobs", "watch", "1", "--server", fake.address().toString());
        assertThat(ran.exit()).isEqualTo(4);
        assertThat(ran.err()).contains("jobs/1 did not succeed: The model crashed twice.");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void progressIsOneLinePerStageAndFewAboutTrials() {
        StringBuilder events = new StringBuilder();
        for (int i = 1; i <= 50; i++) {
            events.append("data: {\"sequence\":\"").append(i).append("\",\"state\":\"SEARCHING\",\"trial\":{\"number\":").append(i).append("}}\n\n");
        }
        fake.answer("GET /v1/jobs/1/events", 200, "text/event-stream", events + "data: {\"sequence\":\"51\",\"state\":\"SUCCEEDED\"}\n\n")
                .json("GET /v1/jobs/1", 200, "{\"state\":\"SUCCEEDED\"}");
        Ran ran = Ran.kogata("jobs", "watch", "1", "--json", "--server", fake.address().toString());
        assertThat(ran.exit()).isZero();
        assertThat(ran.out().lines()).hasSize(51);
        assertThat(ran.err().lines().map(line -> line.replaceAll("^\\[.*\\] ", ""))).containsExactly("searching", "done");
    }

    @Test
    void continueStartsANewJobWithMoreTrials() {
        fake.json("POST /v1/jobs/1:continue", 201, "{\"name\":\"jobs/2\"}");
        Ran ran = Ran.kogata("jobs", "continue", "1", "--trials", "50", "--json", "--server", fake.address().toString());
        assertThat(ran.exit()).isZero();
        assertThat(ran.document().path("name").asText()).isEqualTo("jobs/2");
        assertThat(fake.requests()).last().satisfies(request -> assertThat(request.body()).isEqualTo("{\"trials\":50}"));
    }

    @Test
    void whatIfPassesABudgetOnAndSaysThatTheAnswerIsAnEstimate() {
        fake.json("GET /v1/jobs/1/what-if?budget=0.4", 200, "{\"estimated_kl\":0.0312,\"budget_bytes\":\"1000000\",\"estimate\":true,\"how\":\"So.\"}");
        Ran ran = Ran.kogata("jobs", "what-if", "1", "--budget", "40%", "--server", fake.address().toString());
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).contains("Estimate, not measured", "0.0312", "So.");
    }

    @Test
    void deliverStartsAJobForOnePointOfAFrontAndEndsAsThatJobDoes() {
        fake.json("POST /v1/jobs", 201, "{\"name\":\"jobs/2\"}")
                .answer("GET /v1/jobs/2/events", 200, "text/event-stream", "id: 1\ndata: {\"sequence\":\"1\",\"state\":\"FAILED\"}\n\n")
                .json("GET /v1/jobs/2", 200, FAILED.replace("jobs/1", "jobs/2"));
        Ran ran = Ran.kogata("jobs", "deliver", "1", "--point", "3", "--out", folder.resolve("out").toString(), "--server", fake.address().toString());
        assertThat(ran.exit()).isEqualTo(4);
        assertThat(fake.requests().get(0).body()).isEqualTo("{\"from_job\":\"jobs/1\",\"point\":3}");
    }

    @Test
    void anUnknownJobIsRefused() {
        Ran ran = Ran.kogata("jobs", "show", "7", "--json", "--server", fake.address().toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("NOT_FOUND");
    }

    @Test
    void aGatewayThatIsNotThereIsUnreachable() {
        fake.close();
        Ran ran = Ran.kogata("jobs", "cancel", "7", "--json", "--server", fake.address().toString());
        assertThat(ran.exit()).isEqualTo(5);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aResultThatCannotBeFetchedLeavesNothingBehind() {
        fake.json("GET /v1/jobs/1/result", 200, "{\"files\":[{\"path\":\"plan.json\",\"sha256\":\"00\"}]}");
        Ran ran = Ran.kogata("jobs", "result", "1", "--out", folder.resolve("out").toString(), "--server", fake.address().toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void deleteSaysThatTheJobIsGoneAndOneThatRunsIsRefusedInTheGatewaysWords() {
        fake.answer("DELETE /v1/jobs/7", 204, "application/json", "")
                .answer("DELETE /v1/jobs/8", 409, "application/problem+json", "{\"reason\":\"STATE_WRONG\",\"detail\":\"The job jobs/8 is SEARCHING; cancel it first.\",\"status\":409}");
        Ran gone = Ran.kogata("jobs", "delete", "7", "--json", "--server", fake.address().toString());
        assertThat(gone.exit()).isZero();
        assertThat(gone.out()).isEqualTo("{\"name\":\"jobs/7\",\"deleted\":true}\n");
        Ran refused = Ran.kogata("jobs", "delete", "8", "--server", fake.address().toString());
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.err()).contains("cancel it first");
    }
}
