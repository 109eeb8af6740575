package dev.kogata.gateway.upload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Finished uploads that one request is making something of. Used and closed by one thread. */
public final class ClaimedUploads implements AutoCloseable {
    private final UploadFolder folder;
    private final List<UploadInfo> uploads;
    private final List<WriterTurns.Turn> turns;

    ClaimedUploads(UploadFolder folder, List<UploadInfo> uploads, List<WriterTurns.Turn> turns) {
        this.folder = folder;
        this.uploads = List.copyOf(uploads);
        this.turns = List.copyOf(turns);
    }

    /** The uploads, in the order in which they were named. */
    public List<UploadInfo> uploads() {
        return uploads;
    }

    /** Where the bytes of one of them lie, to be read only. */
    public Path bytes(UploadInfo upload) {
        return folder.bytes(upload.id());
    }

    /** Removes the bytes, and keeps for a while what became of them, so that a client that lost the answer can ask again. */
    public void used(String resource) throws IOException {
        for (UploadInfo upload : uploads) {
            folder.markUsed(upload.id(), resource, upload.tenant());
        }
    }

    /** Removes them: nothing can ever be made of them. */
    public void discard() throws IOException {
        for (UploadInfo upload : uploads) {
            folder.delete(upload.id());
        }
    }

    @Override
    public void close() {
        turns.forEach(WriterTurns.Turn::close);
    }
}
