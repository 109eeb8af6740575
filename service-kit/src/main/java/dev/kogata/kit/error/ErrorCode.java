package dev.kogata.kit.error;

import dev.kogata.common.v1.Reason;
import io.grpc.Status.Code;

/**
 * What a {@link Reason} means to each kind of caller: the one table from reasons to transports.
 *
 * @param grpc canonical gRPC code
 * @param http status of the REST answer
 * @param title what went wrong, the same for every error of this reason
 * @param retryable whether the same work may succeed if tried again unchanged
 */
public record ErrorCode(Code grpc, int http, String title, boolean retryable) {

    /** The codes of a reason. Reasons that this version does not know count as {@link Reason#INTERNAL}. */
    public static ErrorCode of(Reason reason) {
        return switch (reason) {
            case BUDGET_UNREACHABLE -> refused("The budget cannot be reached");
            case BUDGET_INVALID -> malformed("The budget is not valid");
            case LAYOUT_UNKNOWN -> refused("The bundle's layout is not known");
            case EXTERNAL_DATA_MISSING -> refused("External data is missing");
            case EXTERNAL_DATA_OUTSIDE -> refused("External data lies outside the bundle");
            case MODEL_BROKEN -> refused("The model is broken");
            case MODEL_TOO_LARGE -> refused("The model exceeds a limit");
            case MODEL_UNSUPPORTED -> refused("The model is not supported");
            case WEIGHT_NOT_FINITE -> refused("A weight is not finite");
            case MODEL_CRASHED_RUNTIME -> refused("The model crashed ONNX Runtime");
            case TOKENIZER_UNKNOWN -> refused("The tokenizer cannot be read");
            case CHAT_TEMPLATE_INVALID -> refused("The chat template cannot be rendered");
            case PREPROCESSOR_UNSUPPORTED -> refused("The image preprocessor is not supported");
            case DATASET_LINE_INVALID -> refused("A line of the dataset is not valid");
            case DATASET_TOO_SMALL -> refused("The dataset is too small");
            case DATASET_TOO_LARGE -> refused("The dataset exceeds a limit");
            case IMAGE_UNREADABLE -> refused("A picture cannot be read");
            case DATASET_OVERLAP -> refused("The sets of conversations overlap");
            case DATASET_HAS_PICTURES -> refused("The model sees no pictures");
            case DATASET_HAS_NO_PICTURES -> refused("The dataset has no pictures");
            case NOTHING_TO_COMPRESS -> refused("The model has nothing to compress");
            case ARGUMENT_INVALID -> malformed("An argument is not valid");
            case NOT_FOUND -> new ErrorCode(Code.NOT_FOUND, 404, "Not found", false);
            case IDEMPOTENCY_CONFLICT -> new ErrorCode(Code.ALREADY_EXISTS, 409, "The idempotency key was used before", false);
            case CHECKSUM_MISMATCH -> new ErrorCode(Code.INVALID_ARGUMENT, 460, "The checksum does not match", false);
            case UPLOAD_OFFSET_WRONG -> new ErrorCode(Code.OUT_OF_RANGE, 409, "The upload has another offset", false);
            case UPLOAD_INCOMPLETE -> new ErrorCode(Code.FAILED_PRECONDITION, 409, "The upload is not finished", false);
            case ARCHIVE_INVALID -> refused("The archive is not valid");
            case LIMIT_EXCEEDED -> new ErrorCode(Code.RESOURCE_EXHAUSTED, 413, "A limit is exceeded", false);
            case DISK_FULL -> new ErrorCode(Code.RESOURCE_EXHAUSTED, 507, "No space is left", true);
            case PORT_IN_USE -> new ErrorCode(Code.FAILED_PRECONDITION, 409, "The port is in use", false);
            case CANCELLED -> new ErrorCode(Code.CANCELLED, 409, "Cancelled", false);
            case STATE_WRONG -> new ErrorCode(Code.FAILED_PRECONDITION, 409, "Not possible in this state", false);
            case IN_USE -> new ErrorCode(Code.FAILED_PRECONDITION, 409, "A job needs it", false);
            case LEASE_LOST -> new ErrorCode(Code.ABORTED, 409, "The lease is lost", false);
            case WORKER_LOST -> new ErrorCode(Code.ABORTED, 500, "The worker is lost", true);
            case WORKER_OVER_MEMORY -> new ErrorCode(Code.RESOURCE_EXHAUSTED, 500, "The worker used more memory than it may", true);
            case VERIFICATION_FAILED -> new ErrorCode(Code.DATA_LOSS, 500, "Verification failed", false);
            case ARTIFACT_DAMAGED -> new ErrorCode(Code.DATA_LOSS, 500, "An artifact is damaged", false);
            case UNAVAILABLE -> new ErrorCode(Code.UNAVAILABLE, 503, "Not available now", true);
            case UNAUTHENTICATED -> new ErrorCode(Code.UNAUTHENTICATED, 401, "Not authenticated", false);
            case QUOTA_EXCEEDED -> new ErrorCode(Code.RESOURCE_EXHAUSTED, 429, "The tenant's quota is used up", false);
            case NUMERICAL_FAILURE -> refused("A numerical step failed");
            case NO_PLAN_FITS -> refused("No plan fits the budget");
            case EVENT_INVALID -> malformed("The event is not valid");
            case SOURCE_NOT_ALLOWED -> refused("The source is not allowed");
            case SOURCE_UNREADABLE -> refused("The source cannot be read");
            case INTERNAL, REASON_UNSPECIFIED, UNRECOGNIZED -> new ErrorCode(Code.INTERNAL, 500, "Internal error", true);
        };
    }

    /** A request that can never be right, whatever it refers to. */
    private static ErrorCode malformed(String title) {
        return new ErrorCode(Code.INVALID_ARGUMENT, 400, title, false);
    }

    /** A well-formed request whose content cannot be worked with. */
    private static ErrorCode refused(String title) {
        return new ErrorCode(Code.INVALID_ARGUMENT, 422, title, false);
    }
}
