package dev.kogata.gateway.grpc;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.identity.AuditLog;
import dev.kogata.gateway.identity.Caller;
import dev.kogata.gateway.upload.UploadStatus;
import dev.kogata.gateway.upload.Uploads;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One WriteUpload: messages go to a thread that writes them, a few at a time. A client that breaks off, sends nothing for a
 * while, or is too slow for others to wait, has everything kept that came before.
 */
final class UploadStream implements StreamObserver<WriteUploadRequest> {
    private final Caller caller;
    private final Uploads uploads;
    private final ServerCallStreamObserver<Upload> answer;
    private final Executor writers;
    private final Function<UploadStatus, Upload> message;
    private final PushedBytes bytes;
    private boolean begun;
    private boolean over;

    UploadStream(Caller caller, Uploads uploads, ServerCallStreamObserver<Upload> answer, Executor writers, MessageTurns turns, Duration silence,
        ScheduledExecutorService clock, Function<UploadStatus, Upload> message) {
        this.caller = caller;
        this.uploads = uploads;
        this.answer = answer;
        this.writers = writers;
        this.message = message;
        this.bytes = new PushedBytes(turns, () -> answer.request(1), this::giveUp, silence);
        answer.disableAutoRequest();
        answer.setOnCancelHandler(this::broken);
        bytes.begin();
        // From its first message on, whoever writes notices.
        clock.schedule(this::giveUpUnlessBegun, silence.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void onNext(WriteUploadRequest request) {
        if (over) {
            return;
        }
        if (!begun) {
            begun = true;
            // Not the message itself, which would stay in memory for as long as the upload lasts.
            String name = request.getName();
            long offset = request.getOffset();
            writers.execute(() -> write(name, offset));
        }
        bytes.push(request.getData());
    }

    @Override
    public void onError(Throwable gone) {
        broken();
    }

    private synchronized void broken() {
        over = true;
        bytes.breakOff();
        if (!begun) {
            bytes.close();
        }
    }

    @Override
    public synchronized void onCompleted() {
        if (over) {
            return;
        }
        if (!begun) {
            end(KogataException.invalid("name", "The first message has to name the upload and its offset."));
        }
        bytes.end();
    }

    private synchronized void giveUp() {
        if (begun) {
            bytes.breakOff();
        }
        giveUpUnlessBegun();
    }

    private synchronized void giveUpUnlessBegun() {
        if (!begun && !over) {
            end(new KogataException(Reason.UPLOAD_INCOMPLETE, "The first message did not come. Begin again."));
        }
    }

    /** Nobody writes, so that nobody else answers. */
    private void end(KogataException error) {
        over = true;
        answer.onError(error.toGrpc());
        bytes.close();
    }

    private void write(String name, long offset) {
        String action = "WriteUpload " + name;
        try (bytes) {
            UploadStatus status = uploads.append(Uploads.id(name), offset, bytes, null);
            AuditLog.record(caller, action, "OK", "");
            answer.onNext(message.apply(status));
            answer.onCompleted();
        } catch (IOException | RuntimeException e) {
            KogataException error = e instanceof IOException disk ? StorageError.of(disk) : Incident.of(e);
            AuditLog.record(caller, action, error.code().grpc().name(), error.reason().name());
            if (!answer.isCancelled()) {
                answer.onError(error.toGrpc());
            }
        }
    }
}
