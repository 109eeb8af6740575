package dev.kogata.kit.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.sun.net.httpserver.HttpServer;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.error.ErrorInterceptor;
import dev.kogata.kit.error.KogataException;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real gRPC between two sides that share nothing but the wire. */
class TracesTest {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private AutoCloseable traces;
    private Server server;
    private ManagedChannel channel;
    private OperationsGrpc.OperationsBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        traces = Traces.use(OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance())).build());
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).intercept(new TraceInterceptor())
                .intercept(new ErrorInterceptor()).addService(new OperationsGrpc.OperationsImplBase() {
                    @Override
                    public void getOperation(GetOperationRequest request, StreamObserver<Operation> answer) {
                        if (request.getName().isEmpty()) {
                            throw new KogataException(Reason.NOT_FOUND, "There is none.");
                        }
                        // The trace of the call that is answered, as calls made from here would carry it on.
                        answer.onNext(Operation.newBuilder().setName(Span.fromContext(Traces.current()).getSpanContext().getTraceId()).build());
                        answer.onCompleted();
                    }
                }).build().start();
        channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().intercept(TracedCalls::intercept).build();
        stub = OperationsGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        traces.close();
    }

    @Test
    void aJobIsOneTraceThroughEveryServiceThatWorksOnIt() {
        String seen = Traces.inJob("jobs/1", "task profile", Map.of("attempt", "2"), () -> get("x").getName());
        String trace = Span.fromContext(Traces.ofJob("jobs/1")).getSpanContext().getTraceId();
        assertThat(seen).isEqualTo(trace);
        List<SpanData> spans = finished(3);
        assertThat(spans).extracting(SpanData::getTraceId).containsOnly(trace);
        assertThat(spans).extracting(SpanData::getKind).containsExactlyInAnyOrder(SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.SERVER);
        SpanData client = spans.stream().filter(span -> span.getKind() == SpanKind.CLIENT).findFirst().orElseThrow();
        SpanData answered = spans.stream().filter(span -> span.getKind() == SpanKind.SERVER).findFirst().orElseThrow();
        assertThat(answered.getParentSpanId()).isEqualTo(client.getSpanId());
    }

    @Test
    void theSameJobHasTheSameTraceInEveryProcessAndOthersHaveOthers() {
        assertThat(Traces.parentOfJob("jobs/1")).isEqualTo(Traces.parentOfJob("jobs/1")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(Traces.parentOfJob("jobs/2")).isNotEqualTo(Traces.parentOfJob("jobs/1"));
    }

    @Test
    void pollingThatIsForNoJobLeavesNoTrace() {
        get("x");
        assertThat(exporter.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void anErrorIsOneInTheTraceToo() {
        CompletableFuture<Void> failed = CompletableFuture.runAsync(() -> Traces.inJob("jobs/3", "task", Map.of(), () -> get("")));
        assertThat(failed.handle((done, failure) -> failure.getCause()).join()).isInstanceOf(StatusRuntimeException.class);
        assertThat(finished(3)).allMatch(span -> span.getStatus().getStatusCode().name().equals("ERROR"));
    }

    @Test
    void spansArriveAtTheConfiguredEndpoint() throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", exchange -> {
            int length = exchange.getRequestBody().readAllBytes().length;
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            arrived.complete(exchange.getRequestURI() + " " + (length > 0));
        });
        collector.start();
        try {
            var config = TestConfig.with(Map.of("kogata.traces.endpoint", "http://127.0.0.1:" + collector.getAddress().getPort()));
            try (AutoCloseable on = Traces.open(config.traces(), "test")) {
                assertThat(Traces.isOn()).isTrue();
                Traces.inJob("jobs/4", "task", Map.of(), () -> "done");
            }
            assertThat(arrived.get(20, TimeUnit.SECONDS)).isEqualTo("/v1/traces true");
        } finally {
            collector.stop(0);
        }
        assertThat(Traces.isOn()).as("closed").isFalse();
        assertThat(Traces.open(TestConfig.defaults().traces(), "test")).as("nothing configured").isNotNull();
        assertThat(Traces.isOn()).isFalse();
    }

    private Operation get(String name) {
        return stub.getOperation(GetOperationRequest.newBuilder().setName(name).build());
    }

    /** The server's span may end a moment after the client has its answer. */
    private List<SpanData> finished(int count) {
        dev.kogata.kit.Eventually.eventually(() -> assertThat(exporter.getFinishedSpanItems()).hasSize(count));
        return exporter.getFinishedSpanItems();
    }
}
