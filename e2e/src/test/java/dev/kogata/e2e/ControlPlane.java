package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many clients of a gateway at once, on this machine: what they get, and how long it takes. */
final class ControlPlane {

    /**
     * How long some calls took.
     *
     * @param seconds all of them, side by side
     * @param millis each, sorted
     */
    record Timed(int calls, double seconds, double[] millis) {
        double perSecond() {
            return calls / seconds;
        }

        /** @param share 0.5 for the median */
        double quantile(double share) {
            return millis[(int) Math.min(calls - 1, Math.floor(share * calls))];
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%d in %.1f s: %.0f a second, median %.0f ms, 99 %% %.0f ms", calls, seconds, perSecond(), quantile(0.5), quantile(0.99));
        }
    }

    /** One call; {@code number} from 0. */
    interface Call {
        void make(int number) throws Exception;
    }

    private final String server;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ControlPlane(String server) {
        this.server = server;
    }

    /** Makes calls, as many as there are clients at once; what one throws comes out. */
    static Timed together(int clients, int calls, Call call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Future<Double>> running = new ArrayList<>();
            long began = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                int number = i;
                running.add(threads.submit(() -> {
                    long asked = System.nanoTime();
                    call.make(number);
                    return (System.nanoTime() - asked) / 1e6;
                }));
            }
            double[] millis = new double[calls];
            for (int i = 0; i < calls; i++) {
                millis[i] = running.get(i).get();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            Arrays.sort(millis);
            return new Timed(calls, seconds, millis);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Starts a job and returns its name. */
    String start(String body, String key) throws Exception {
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(server + "/v1/jobs")).header("Content-Type", "application/json")
                .header("Idempotency-Key", key).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        String location = answer.headers().firstValue("Location").orElseThrow();
        return location.substring(location.indexOf("jobs/"));
    }

    /** Cancels a job. */
    void cancel(String job) throws Exception {
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(server + "/v1/" + job + ":cancel")).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Names of all jobs that a filter lets through, page by page. */
    Set<String> jobs(String filter) throws Exception {
        Set<String> names = new HashSet<>();
        String token = "";
        do {
            JsonNode page = Rest.get(server + "/v1/jobs?page_size=300&filter=" + filter + "&page_token=" + token);
            page.path("jobs").forEach(job -> names.add(job.get("name").asText()));
            token = page.path("next_page_token").asText();
        } while (!token.isEmpty());
        return names;
    }
}
