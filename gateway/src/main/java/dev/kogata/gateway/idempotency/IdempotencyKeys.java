package dev.kogata.gateway.idempotency;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.KogataException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Requests that came with an idempotency key, and what was made of them: the same key and request get the same resource, the same key with
 * another request is refused. A request that was refused leaves its key free. Kept for as long as uploads are, each as a small file, so that
 * they outlive the process. Thread-safe.
 */
public final class IdempotencyKeys {
    private static final int MOST_CHARACTERS = 255;
    private static final JsonMapper JSON = new JsonMapper();

    /** What the file says; {@code resource} is empty as long as nothing was made. */
    record Kept(String request, String resource) {}

    /** Makes a resource. */
    public interface Making<T> {
        /** The new one. */
        T make() throws IOException;
    }

    /** Finds a resource that was made earlier. */
    public interface Finding<T> {
        /** The one of this name. */
        T find(String name) throws IOException;
    }

    private final Path folder;
    private final Duration lifetime;
    private final Duration patience;
    private final int most;
    private final Clock clock;
    private final AtomicInteger count;
    private final Set<String> running = new HashSet<>();

    /**
     * Keys in a folder, which is made where it is missing.
     *
     * @param most keys at once
     * @param lifetime how long a key is kept
     * @param patience how long a request waits for an earlier one with its key
     */
    public IdempotencyKeys(Path folder, int most, Duration lifetime, Duration patience, Clock clock) {
        try (var files = Files.list(Files.createDirectories(folder))) {
            this.count = new AtomicInteger((int) files.count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.folder = folder;
        this.most = most;
        this.lifetime = lifetime;
        this.patience = patience;
        this.clock = clock;
    }

    /** The key as it came, empty for none, or a refusal of one that is too long. */
    public static String checked(String key) {
        if (key.length() > MOST_CHARACTERS) {
            throw Refusal.argument("Idempotency-Key", "Idempotency-Key is longer than " + MOST_CHARACTERS + " characters.");
        }
        return key;
    }

    /**
     * Makes something once.
     *
     * @param scope whose key it is and for which kind of request: tenant and collection
     * @param key as the client chose it; without one it is simply made
     * @param request everything that the client asks for
     * @param find the resource that was made earlier, by its name
     * @param make makes it
     * @param name of what was made
     * @throws KogataException IDEMPOTENCY_CONFLICT, or STATE_WRONG where an earlier request with the key is still at it
     */
    public <T> T once(List<String> scope, String key, List<String> request, Finding<T> find, Making<T> make, Function<T, String> name) throws IOException {
        if (checked(key).isEmpty()) {
            return make.make();
        }
        String id = hash(List.of(hash(scope), key));
        begin(id, key);
        try {
            String asked = hash(request);
            Kept earlier = read(id);
            if (earlier != null && !earlier.request().equals(asked)) {
                throw new KogataException(Reason.IDEMPOTENCY_CONFLICT, "The idempotency key \"" + Refusal.printable(key)
                    + "\" came with another request before. Use a new key for a new request.", Map.of("key", Refusal.printable(key)));
            }
            if (earlier != null && !earlier.resource().isEmpty()) {
                return find.find(earlier.resource());
            }
            return make(id, asked, earlier == null, make, name);
        } finally {
            end(id);
        }
    }

    private <T> T make(String id, String asked, boolean fresh, Making<T> make, Function<T, String> name) throws IOException {
        if (fresh && count.get() >= most) {
            sweep();
        }
        if (fresh && count.get() >= most) {
            throw Refusal.limit("kogata.gateway.upload.max-keys", most, "There are " + most + " idempotency keys already; they are kept for " + lifetime.toHours()
                + " hours. Send the request without one.");
        }
        // Before anything is made: whoever asks again after a crash is known by it.
        write(id, new Kept(asked, ""));
        try {
            T made = make.make();
            write(id, new Kept(asked, name.apply(made)));
            return made;
        } catch (KogataException refused) {
            if (refused.code().http() < 500) {
                remove(id);
            }
            throw refused;
        }
    }

    private synchronized void begin(String id, String key) {
        long end = System.nanoTime() + patience.toNanos();
        while (running.contains(id)) {
            long left = end - System.nanoTime();
            try {
                if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                left = 0;
            }
            if (left <= 0) {
                throw new KogataException(Reason.STATE_WRONG, "An earlier request with the idempotency key \"" + Refusal.printable(key) + "\" is not over yet. Send it again.",
                    Map.of("state", "RUNNING"));
            }
        }
        running.add(id);
    }

    private synchronized void end(String id) {
        running.remove(id);
        notifyAll();
    }

    /** Removes keys that are older than they are kept. Called now and then. */
    public void sweep() throws IOException {
        Instant before = clock.instant().minus(lifetime);
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    remove(file.getFileName().toString());
                }
            }
        }
    }

    private Kept read(String id) throws IOException {
        Path file = folder.resolve(id);
        try {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(clock.instant().minus(lifetime))) {
                return null;
            }
            return JSON.readValue(Files.readAllBytes(file), Kept.class);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void write(String id, Kept kept) throws IOException {
        Path file = folder.resolve(id);
        Path temporary = folder.resolve(id + ".new");
        boolean there = Files.exists(file);
        try {
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                out.write(JSON.writeValueAsBytes(kept));
                out.getFD().sync();
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw StorageError.of(e);
        }
        if (!there) {
            count.incrementAndGet();
        }
    }

    private void remove(String id) throws IOException {
        if (Files.deleteIfExists(folder.resolve(id))) {
            count.decrementAndGet();
        }
    }

    /** Of texts of any content: each with its length, so that no two lists look the same. */
    private static String hash(List<String> texts) {
        StringBuilder all = new StringBuilder();
        texts.forEach(text -> all.append(text.length()).append(':').append(text));
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }
}
