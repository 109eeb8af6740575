package dev.kogata.gateway.upload;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.tenant.Tenant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Uploads of one tenant, that can be resumed at any byte, also after the gateway was restarted (tus 1.0.0, without its transport). What
 * {@link #append} has returned is on disk. An upload is known by its id; one that nobody went on with for its lifetime
 * is gone. Thread-safe; several processes must not share one folder.
 */
public final class Uploads {
    private final UploadFolder folder;
    private final UploadLimits limits;
    private final Clock clock;
    private final WriterTurns turns;
    private final UploadWriter writer;
    private final String tenant;

    /** Opens the folder, and makes it where it is missing. */
    public Uploads(Path folder, UploadLimits limits, Clock clock) {
        try {
            this.folder = new UploadFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.limits = limits;
        this.clock = clock;
        this.turns = new WriterTurns();
        this.writer = new UploadWriter(this.folder);
        this.tenant = Tenant.DEFAULT;
    }

    private Uploads(Uploads all, String tenant) {
        this.folder = all.folder;
        this.limits = all.limits;
        this.clock = all.clock;
        this.turns = all.turns;
        this.writer = all.writer;
        this.tenant = tenant;
    }

    /** The uploads of a tenant; others are NOT_FOUND there. */
    public Uploads as(String owner) {
        return new Uploads(this, owner);
    }

    /** Whose uploads these are. */
    String tenant() {
        return tenant;
    }

    /** Bytes that the tenant has announced to upload, and made nothing of yet. */
    public long bytesPending() throws IOException {
        long bytes = 0;
        for (String id : folder.ids()) {
            bytes += folder.info(id).filter(info -> info.tenant().equals(tenant)).map(UploadInfo::length).orElse(0L);
        }
        return bytes;
    }

    /** The limits in force. */
    public UploadLimits limits() {
        return limits;
    }

    /** Creates an upload of a known length. */
    public UploadStatus create(long length, UploadMetadata metadata) throws IOException {
        if (length < 0) {
            throw Refusal.argument("Upload-Length", "Upload-Length has to be 0 or more, and is " + length + ".");
        }
        if (length > limits.mostBytes()) {
            throw Refusal.limit("kogata.gateway.upload.max-bytes", limits.mostBytes(),
                "An upload may have " + limits.mostBytes() + " bytes; this one would have " + length + ".");
        }
        if (folder.ids().size() >= limits.mostUploads()) {
            throw Refusal.limit("kogata.gateway.upload.max-count", limits.mostUploads(),
                "There are " + limits.mostUploads() + " unused uploads already. Use or delete some first.");
        }
        if (length > folder.freeBytes()) {
            throw Refusal.diskFull();
        }
        String id = UUID.randomUUID().toString().replace("-", "");
        UploadInfo info = new UploadInfo(id, length, metadata.filename(), metadata.sha256(), metadata.header(), tenant);
        folder.create(info);
        if (length == 0) {
            writer.verify(info);
        }
        return status(info);
    }

    /** Where an upload stands; NOT_FOUND for one that never was, has expired, or was used or terminated. */
    public UploadStatus status(String id) throws IOException {
        return status(info(id));
    }

    /**
     * Adds bytes from {@code offset} on. Where the stream breaks, what came until then is kept, unless a checksum was to
     * prove it: then none of it is.
     *
     * @param checksum of these bytes; null for none
     * @throws KogataException UPLOAD_OFFSET_WRONG, CHECKSUM_MISMATCH, DISK_FULL; UPLOAD_INCOMPLETE where the stream breaks;
     *     STATE_WRONG where it is in use, or another request took over
     */
    public UploadStatus append(String id, long offset, InputStream bytes, Checksum checksum) throws IOException {
        info(id);
        try (WriterTurns.Turn turn = turns.take(id, limits.patience())) {
            UploadInfo info = info(id);
            long reached = folder.recover(id);
            if (reached != offset) {
                throw new KogataException(Reason.UPLOAD_OFFSET_WRONG,
                    "The upload has reached byte " + reached + " and cannot go on at byte " + offset + ".",
                    Map.of("offset", Long.toString(reached)));
            }
            writer.append(info, offset, bytes, checksum);
            return status(info);
        }
    }

    /** Removes an upload. */
    public void terminate(String id) throws IOException {
        info(id);
        try (WriterTurns.Turn turn = turns.take(id, limits.patience())) {
            info(id);
            folder.delete(id);
        }
    }

    /** The resource that was made of an upload; null where none was. */
    public String usedBy(String name) throws IOException {
        return folder.usedBy(id(name), tenant).orElse(null);
    }

    /**
     * Takes finished uploads for use: nobody can change them until the claim is closed.
     *
     * @param names resource names, {@code uploads/ID}
     * @throws KogataException NOT_FOUND, UPLOAD_INCOMPLETE, STATE_WRONG
     */
    public ClaimedUploads claim(List<String> names) throws IOException {
        List<WriterTurns.Turn> taken = new ArrayList<>();
        List<UploadInfo> infos = new ArrayList<>();
        try {
            for (String name : names) {
                String id = id(name);
                info(id);
                taken.add(turns.keep(id));
                folder.recover(id);
                UploadStatus status = status(info(id));
                if (!status.finished()) {
                    throw new KogataException(Reason.UPLOAD_INCOMPLETE, "The upload " + name + " has " + status.offset() + " of "
                        + status.info().length() + " bytes. Send the rest first.", Map.of("upload", name));
                }
                infos.add(status.info());
            }
            return new ClaimedUploads(folder, infos, taken);
        } catch (IOException | RuntimeException e) {
            taken.forEach(WriterTurns.Turn::close);
            throw e;
        }
    }

    /** Removes what has expired. Called now and then. */
    public void sweep() throws IOException {
        Instant now = clock.instant();
        for (String id : folder.ids()) {
            try (WriterTurns.Turn turn = turns.keep(id)) {
                if (expires(id).isBefore(now)) {
                    folder.delete(id);
                }
            } catch (KogataException | NoSuchFileException e) {
                continue; // In use, or just gone: not for the sweep.
            }
        }
        for (Path stray : folder.strays(now.minus(limits.lifetime()))) {
            Files.deleteIfExists(stray);
        }
    }

    /** The id in the name of an upload, {@code uploads/ID}. */
    public static String id(String name) {
        if (!name.startsWith("uploads/")) {
            throw Refusal.argument("uploads", "\"" + Refusal.printable(name) + "\" is no name of an upload: uploads/ID.");
        }
        return name.substring("uploads/".length());
    }

    private UploadInfo info(String id) throws IOException {
        // Also keeps ids from naming any other file.
        if (!id.matches("[0-9a-f]{32}")) {
            throw Refusal.notFound("uploads/" + id);
        }
        UploadInfo info = folder.info(id).filter(found -> found.tenant().equals(tenant)).orElseThrow(() -> Refusal.notFound("uploads/" + id));
        if (expires(id).isBefore(clock.instant())) {
            throw Refusal.notFound("uploads/" + id);
        }
        return info;
    }

    private Instant expires(String id) throws IOException {
        return folder.lastChange(id).plus(limits.lifetime());
    }

    private UploadStatus status(UploadInfo info) throws IOException {
        try {
            return new UploadStatus(info, folder.offset(info.id()), expires(info.id()));
        } catch (NoSuchFileException e) {
            throw Refusal.notFound(info.name());
        }
    }
}
