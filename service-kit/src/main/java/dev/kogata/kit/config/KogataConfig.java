package dev.kogata.kit.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Everything that can be configured about a service of the mesh or a worker, with its default. Names are MicroProfile
 * Config names ({@code kogata.task.lease}); as environment variables {@code KOGATA_TASK_LEASE}.
 */
@ConfigMapping(prefix = "kogata")
public interface KogataConfig {

    /** Folder of everything that must survive a restart, where no other place is named. */
    @WithDefault("${user.home}/.kogata")
    Path home();

    /** Where state is kept. */
    Database database();

    /** Where artifacts are kept. */
    Artifacts artifacts();

    /** The broker that rings the bells. */
    Kafka kafka();

    /** Tasks, as their API sees them. */
    Task task();

    /** Tasks, as a worker sees them. */
    Worker worker();

    /** Calls between services. */
    Grpc grpc();

    /** Traces. */
    Traces traces();

    /** Address of the profiler's API. */
    Peer profiler();

    /** Address of the pruner's API. */
    Peer pruner();

    /** Address of the quantizer's API. */
    Peer quantizer();

    /** Address of the evaluator's API. */
    Peer evaluator();

    /** Address of the orchestrator's API. */
    Peer orchestrator();

    /** A database, H2 or PostgreSQL, in which every service has its own schema. */
    interface Database {
        /** JDBC URL: {@code jdbc:h2:file:...}, {@code jdbc:h2:mem:...} or {@code jdbc:postgresql:...}. */
        @WithDefault("jdbc:h2:file:${kogata.home}/database/kogata")
        String url();

        /** User; the URL may hold it instead. */
        Optional<String> user();

        /** Password. */
        Optional<String> password();

        /** Most connections that one service holds. */
        @WithDefault("8")
        int connections();

        /** How long a call waits for one of them to be free, and for the database to answer, before it is {@code UNAVAILABLE}; 0.25 s at least. */
        @WithDefault("PT10S")
        Duration connectionTimeout();

        /** How long a PostgreSQL may take for one answer before its connection counts as lost. */
        @WithDefault("PT1M")
        Duration answerTimeout();

        /** How long a service waits for a PostgreSQL that does not answer when the service starts. */
        @WithDefault("PT2M")
        Duration patience();
    }

    /** The artifact store. */
    interface Artifacts {
        /** Where the bytes are: {@code file:///DIR} for a folder, {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX} for an object store. */
        @WithDefault("file://${kogata.home}/artifacts")
        URI url();

        /** Whether files handed to a worker are checked against their SHA-256 first. */
        @WithDefault("true")
        boolean verify();

        /** The object store, where the URL names one. */
        S3 s3();
    }

    /** An object store that speaks S3. Credentials come as for every AWS client: environment, profile, web identity or instance. */
    interface S3 {
        /** Where it listens, if it is not Amazon's; buckets are then named in the path. */
        Optional<URI> endpoint();

        /** Its region. */
        @WithDefault("us-east-1")
        String region();

        /** Local folder for bytes on their way. */
        @WithDefault("${kogata.home}/transfer")
        Path folder();
    }

    /** Apache Kafka. */
    interface Kafka {
        /** Comma separated {@code host:port} list. */
        @WithDefault("localhost:9092")
        String bootstrapServers();

        /** Partitions of topics that Kogata creates. */
        @WithDefault("3")
        int partitions();

        /** Replicas of topics that Kogata creates. */
        @WithDefault("1")
        short replicas();

        /** Further settings of all Kafka clients by Kafka's own names, such as {@code security.protocol} and {@code ssl.*}. */
        Map<String, String> client();
    }

    /** Task table and leases. */
    interface Task {
        /** How long a worker may be silent before its task waits again. */
        @WithDefault("PT10S")
        Duration lease();

        /** Attempts of a task before it fails. */
        @WithDefault("2")
        int attempts();

        /** How long a full disk, or a store that does not answer, costs a task no attempt. */
        @WithDefault("PT10M")
        Duration patience();

        /** Time until such a task may be claimed again; twice as long each time, a minute at most. */
        @WithDefault("PT2S")
        Duration pause();

        /** How often ended leases, and tasks started through another replica, are looked for. */
        @WithDefault("PT1S")
        Duration check();

        /** How long ended tasks are kept. */
        @WithDefault("P7D")
        Duration keep();
    }

    /** A worker process. */
    interface Worker {
        /** Name, unique per process; the host's name and the process's number where unset. */
        Optional<String> name();

        /** Tasks done at once by one worker loop. */
        @WithDefault("1")
        int slots();

        /** Tasks after which the process ends; 0 for never. */
        @WithDefault("0")
        int maxTasks();

        /** How long nothing may wait, or nobody answer, before the process ends; never where unset. */
        Optional<Duration> idleExit();

        /** Time between two heartbeats; how soon a cancelled task stops depends on it. */
        @WithDefault("PT0.75S")
        Duration heartbeat();

        /** How long one claim waits at the API for a task; at most 30 s. */
        @WithDefault("PT20S")
        Duration poll();

        /** Time a stopping worker gives its tasks before it hands them back. */
        @WithDefault("PT1S")
        Duration grace();

        /** Longest that one task may take: a model may loop forever. */
        @WithDefault("PT24H")
        Duration taskLimit();

        /** Folder of work in progress, emptied at start. */
        @WithDefault("${kogata.home}/work")
        Path folder();

        /** Bytes that a bank of repaired weights may take in a worker's memory; half of the machine's where unset. */
        OptionalLong bankBytes();

        /** Bytes of models and datasets kept at hand between tasks. */
        @WithDefault("21474836480")
        long cacheBytes();

        /** Its probes and numbers. */
        WorkerHttp http();

        /** What models run on. */
        @WithDefault("cpu")
        Provider provider();

        /** How long a task that was told to stop may hold on before the worker says that it is not live: only a new process helps then. */
        @WithDefault("PT2M")
        Duration stuckAfter();
    }

    /** What ONNX Runtime runs models on. */
    enum Provider {
        /** Processors. */
        CPU,
        /** The first NVIDIA GPU of this process. */
        CUDA
    }

    /** Where a worker answers {@code /health/live}, {@code /health/ready}, {@code /health/started} and {@code /metrics}. */
    interface WorkerHttp {
        /** Address that it listens on; {@code 0.0.0.0} where probes come from elsewhere. */
        @WithDefault("127.0.0.1")
        String host();

        /** Port that it listens on; it answers nobody where unset. */
        OptionalInt port();
    }

    /** gRPC clients. */
    interface Grpc {
        /** Longest a call without a deadline of its own may take. */
        @WithDefault("PT30S")
        Duration deadline();

        /** Largest message, in bytes. */
        @WithDefault("16777216")
        int messageBytes();

        /** Silence after which a connection is asked for a sign of life, by both its ends; lost where none comes in a third of it. 10 s at least. */
        @WithDefault("PT30S")
        Duration keepAlive();

        /** Secret that the services of one mesh share: where it is set, they answer nobody else. */
        Optional<String> token();

        /** How clients of other services prove who they are, and whom they trust. */
        Tls tls();
    }

    /** TLS between services, from a client's side; the server's side is {@code quarkus.grpc.server.ssl}. Files in PEM form. */
    interface Tls {
        /** Certificates of the authorities that servers must be certified by; without it calls are in plain text. */
        Optional<Path> trust();

        /** This process's own certificate, for servers that ask for one. */
        Optional<Path> certificate();

        /** Private key of the certificate, PKCS 8. */
        Optional<Path> key();
    }

    /** OpenTelemetry. */
    interface Traces {
        /** Where traces are sent, OTLP over HTTP: {@code http://collector:4318}; none are made where unset. */
        Optional<URI> endpoint();
    }

    /** Another service. */
    interface Peer {
        /** {@code host:port} of its gRPC server. */
        @WithDefault("localhost:9000")
        String address();
    }
}
