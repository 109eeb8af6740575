import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Budget;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.events.v1.JobChanged;
import dev.kogata.events.v1.JobRequested;
import dev.kogata.events.v1.ResultFile;
import dev.kogata.events.v1.Source;
import dev.kogata.orchestrator.v1.Cause;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A pipeline without HTTP until the download: puts a bundle and its calibration data into the inbox, asks for a job with an
 * event, waits for its success, and downloads the files. See run for how it is started.
 */
public final class CompressByEvent {
    private static final String SOURCE = "//example.com/pipeline";

    private CompressByEvent() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            given.put(arguments[i], arguments[i + 1]);
        }
        for (String needed : List.of("--model", "--data", "--budget", "--out", "--kafka", "--gateway", "--inbox")) {
            if (!given.containsKey(needed)) {
                System.err.println("usage: run --model FOLDER --data FILE_OR_FOLDER --budget RATIO --out DIR [--trials N] [--id ID]"
                        + " [--kafka HOST:PORT] [--gateway URL] [--inbox DIR]");
                System.exit(2);
            }
        }
        Path inbox = Files.createDirectories(Path.of(given.get("--inbox"))).toRealPath();
        // The same id again is the same request, however often it is sent.
        String id = given.getOrDefault("--id", UUID.randomUUID().toString());
        JobRequested request = JobRequested.newBuilder()
                .setModel(source(zip(Path.of(given.get("--model")), inbox)))
                .setDataset(source(zip(Path.of(given.get("--data")), inbox)))
                .setJob(JobRequest.newBuilder()
                        .setBudget(Budget.newBuilder().setRatio(Double.parseDouble(given.get("--budget"))))
                        .setTrials(Integer.parseInt(given.getOrDefault("--trials", "100"))))
                .build();
        Map<String, Object> kafka = Map.of("bootstrap.servers", given.get("--kafka"));
        // All events there are, so that a pipeline that was killed finds what became of its request: run it again with the same --id.
        Map<String, Object> fromTheBeginning = Map.of("bootstrap.servers", given.get("--kafka"), "group.id", UUID.randomUUID().toString(),
                "auto.offset.reset", "earliest", "enable.auto.commit", "false", "metadata.max.age.ms", "1000");
        try (KafkaConsumer<String, byte[]> events = new KafkaConsumer<>(fromTheBeginning, new StringDeserializer(), new ByteArrayDeserializer())) {
            events.subscribe(List.of("kogata.jobs", "kogata.dead"));
            send(kafka, id, request);
            JobChanged success = awaitEnd(events, id);
            download(URI.create(given.get("--gateway")), success.getFilesList(), Path.of(given.get("--out")));
            System.out.println(success.getEvent().getJob() + ": " + success.getFilesCount() + " files in " + given.get("--out"));
        }
    }

    private static void send(Map<String, Object> kafka, String id, JobRequested request) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer())) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>("kogata.requests", id, request.toByteArray());
            Map.of("ce_specversion", "1.0", "ce_id", id, "ce_source", SOURCE, "ce_type", "dev.kogata.job.requested.v1",
                            "content-type", "application/protobuf")
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record).get();
        }
        System.out.println("asked for a job with the event " + id);
    }

    /** The event of the success; ends the program where there is none. */
    private static JobChanged awaitEnd(KafkaConsumer<String, byte[]> events, String id) throws InvalidProtocolBufferException {
        Cause mine = Cause.newBuilder().setSource(SOURCE).setId(id).build();
        JobState last = JobState.JOB_STATE_UNSPECIFIED;
        while (true) {
            for (ConsumerRecord<String, byte[]> record : events.poll(Duration.ofSeconds(1))) {
                if (type(record).equals("dev.kogata.dead.v1") && id.equals(record.key())) {
                    DeadLetter letter = DeadLetter.parseFrom(record.value());
                    System.err.println("refused: " + letter.getError().getMessage());
                    System.exit(3);
                }
                if (!type(record).equals("dev.kogata.job.changed.v1")) {
                    continue;
                }
                JobChanged changed = JobChanged.parseFrom(record.value());
                if (!changed.getCause().equals(mine)) {
                    continue;
                }
                JobState state = changed.getEvent().getState();
                if (state != last) {
                    System.out.println(changed.getEvent().getJob() + " " + state);
                    last = state;
                }
                if (state == JobState.SUCCEEDED) {
                    return changed;
                }
                if (state == JobState.FAILED || state == JobState.CANCELLED) {
                    System.err.println(state + ": " + changed.getEvent().getMessage());
                    System.exit(4);
                }
            }
        }
    }

    private static String type(ConsumerRecord<String, byte[]> record) {
        Header type = record.headers().lastHeader("ce_type");
        return type == null ? "" : new String(type.value(), StandardCharsets.UTF_8);
    }

    private static void download(URI gateway, List<ResultFile> files, Path out) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        for (ResultFile file : files) {
            Path target = out.resolve(file.getPath());
            Files.createDirectories(target.getParent());
            HttpResponse<Path> answer = http.send(HttpRequest.newBuilder(gateway.resolve(file.getDownload())).build(), HttpResponse.BodyHandlers.ofFile(target));
            if (answer.statusCode() != 200 || !sha256(target).equals(file.getSha256())) {
                throw new IOException(file.getPath() + " did not come whole");
            }
        }
    }

    private static Source source(Path file) throws IOException {
        return Source.newBuilder().setUri(file.toUri().toString()).setSha256(sha256(file)).setDisplayName(file.getFileName().toString()).build();
    }

    /** A bundle or dataset travels as one zip; a single JSON lines file as itself. */
    private static Path zip(Path folder, Path inbox) throws IOException {
        if (Files.isRegularFile(folder)) {
            return Files.copy(folder, inbox.resolve(folder.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        Path zip = inbox.resolve(folder.toRealPath().getFileName() + ".zip");
        try (OutputStream out = Files.newOutputStream(zip); ZipOutputStream entries = new ZipOutputStream(out); Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                ZipEntry entry = new ZipEntry(folder.relativize(file).toString());
                entry.setTime(0);
                entries.putNextEntry(entry);
                Files.copy(file, entries);
            }
        }
        return zip;
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
