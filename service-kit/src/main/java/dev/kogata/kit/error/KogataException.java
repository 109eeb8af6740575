package dev.kogata.kit.error;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.kogata.common.v1.Reason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An error that a caller may see: a stable reason, a sentence that says what was wrong and what to do, and everything
 * dynamic in it again as metadata. It travels as {@code google.rpc.Status} with one {@code ErrorInfo} of the domain
 * {@code kogata.dev}. The cause, if any, stays in this process.
 */
public final class KogataException extends RuntimeException {
    /** Domain of every {@code ErrorInfo}. */
    public static final String DOMAIN = "kogata.dev";

    private final Reason reason;
    private final Map<String, String> metadata;

    /** An error without metadata. */
    public KogataException(Reason reason, String message) {
        this(reason, message, Map.of());
    }

    /** An error with metadata. */
    public KogataException(Reason reason, String message, Map<String, String> metadata) {
        this(reason, message, metadata, null);
    }

    /** An error with a cause, which is for this process's log only. */
    public KogataException(Reason reason, String message, Map<String, String> metadata, Throwable cause) {
        super(message, cause);
        if (reason == Reason.REASON_UNSPECIFIED || reason == Reason.UNRECOGNIZED) {
            throw new IllegalArgumentException("an error needs a reason, not " + reason + ": " + message);
        }
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    /** Something named does not exist, or not for this caller. */
    public static KogataException notFound(String what, String name) {
        return new KogataException(Reason.NOT_FOUND, what + " '" + name + "' does not exist.", Map.of("name", name));
    }

    /** An argument is missing, malformed or out of its range. */
    public static KogataException invalid(String field, String message) {
        return new KogataException(Reason.ARGUMENT_INVALID, message, Map.of("field", field));
    }

    public Reason reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    /** Canonical codes of the reason. */
    public ErrorCode code() {
        return ErrorCode.of(reason);
    }

    /** Whether it is no fault of what was asked and passes in time: something is away, or has no room. */
    public boolean passes() {
        return reason == Reason.UNAVAILABLE || reason == Reason.DISK_FULL;
    }

    /** As it is stored and sent. */
    public Status toStatus() {
        ErrorInfo info = ErrorInfo.newBuilder().setReason(reason.name()).setDomain(DOMAIN)
                .putAllMetadata(new TreeMap<>(metadata)).build();
        return Status.newBuilder().setCode(code().grpc().value()).setMessage(getMessage()).addDetails(Any.pack(info)).build();
    }

    /** As a gRPC method throws it or hands it to {@code onError}. */
    public StatusRuntimeException toGrpc() {
        return StatusProto.toStatusRuntimeException(toStatus());
    }

    /** The error in a stored status, for instance of a failed operation. */
    public static KogataException of(Status status) {
        return parsed(status).orElseGet(() -> foreign(status));
    }

    /** The error that a gRPC call ended with. */
    public static KogataException of(StatusRuntimeException call) {
        Status status = StatusProto.fromThrowable(call);
        return status == null ? foreign(Status.newBuilder().setCode(call.getStatus().getCode().value()).build())
                : of(status);
    }

    /** The error in a status that carries one of ours. */
    static Optional<KogataException> parsed(Status status) {
        for (Any detail : status.getDetailsList()) {
            if (!detail.is(ErrorInfo.class)) {
                continue;
            }
            try {
                ErrorInfo info = detail.unpack(ErrorInfo.class);
                if (info.getDomain().equals(DOMAIN)) {
                    return Optional.of(new KogataException(reasonOf(info.getReason()), status.getMessage(), info.getMetadataMap()));
                }
            } catch (InvalidProtocolBufferException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** A newer service may know reasons that this one does not: they count as INTERNAL, the text stays. */
    private static Reason reasonOf(String name) {
        for (Reason reason : Reason.values()) {
            if (reason.name().equals(name) && reason != Reason.REASON_UNSPECIFIED && reason != Reason.UNRECOGNIZED) {
                return reason;
            }
        }
        return Reason.INTERNAL;
    }

    /** An error that gRPC itself made: nobody answered, or not in time, or not in our language. */
    private static KogataException foreign(Status status) {
        io.grpc.Status.Code code = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
        return switch (code) {
            // CANCELLED and UNKNOWN without a reason of ours are what a service says that is being shut down: one that runs gives every error a reason.
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN -> new KogataException(Reason.UNAVAILABLE, "A service of the mesh does not answer; try again.");
            case RESOURCE_EXHAUSTED -> new KogataException(Reason.LIMIT_EXCEEDED, "A message between services was too large.");
            default -> new KogataException(Reason.INTERNAL, "A service of the mesh answered " + code + ".");
        };
    }
}
