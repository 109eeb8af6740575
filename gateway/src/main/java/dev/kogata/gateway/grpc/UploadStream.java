package dev.kogata.gateway.grpc;

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
import java.util.function.Function;

/**
 * One WriteUpload: messages go to a thread that writes them, a few at a time. A client that breaks off, or sends nothing for a
 * while, has everything kept that came before.
 */
final class UploadStream implements StreamObserver<WriteUploadRequest> {
    private final Caller caller;
    private final Uploads uploads;
    private final ServerCallStreamObserver<Upload> answer;
    private final Executor writers;
    private final Function<UploadStatus, Upload> message;
    private final PushedBytes bytes;
    private boolean begun;

    UploadStream(Caller caller, Uploads uploads, ServerCallStreamObserver<Upload> answer, Executor writers, MessageTurns turns, Duration silence,
        Function<UploadStatus, Upload> message) {
        this.caller = caller;
        this.uploads = uploads;
        this.answer = answer;
        this.writers = writers;
        this.message = message;
        this.bytes = new PushedBytes(turns, () -> answer.request(1), silence);
        answer.disableAutoRequest();
        answer.setOnCancelHandler(this::broken);
        bytes.begin();
    }

    @Override
    public void onNext(WriteUploadRequest request) {
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

    private void broken() {
        bytes.breakOff();
        if (!begun) {
            bytes.close();
        }
    }

    @Override
    public void onCompleted() {
        if (!begun) {
            answer.onError(KogataException.invalid("name", "The first message has to name the upload and its offset.").toGrpc());
            bytes.close();
        }
        bytes.end();
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
