package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.client.Gateway;
import dev.kogata.standalone.client.ResultDownload;
import java.util.Map;

/** What a job came to. */
final class JobOutcome {
    private JobOutcome() {}

    /** Fails, in the words of the job, unless it has succeeded. */
    static void require(JsonNode job) {
        String state = job.path("state").asText();
        if (state.equals("SUCCEEDED")) {
            return;
        }
        JsonNode error = job.path("error");
        String reason = state.equals("CANCELLED") ? "CANCELLED" : "INTERNAL";
        for (JsonNode detail : error.path("details")) {
            reason = detail.path("reason").asText(reason);
        }
        String message = error.path("message").asText(state.equals("CANCELLED") ? "it was cancelled." : "it ended as " + state + ".");
        throw new CommandFailure(ExitCode.JOB_FAILED, reason, job.path("name").asText() + " did not succeed: " + message,
                Map.of("job", job.path("name").asText(), "state", state));
    }

    /** Downloads the files of a job that has succeeded, and puts them into the folder as one. */
    static void fetch(Gateway gateway, String job, ResultFolder folder) {
        new ResultDownload(gateway, job).into(folder.gather());
        folder.deliver();
    }
}
