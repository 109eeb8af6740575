package dev.kogata.kit.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.kogata.common.v1.Reason;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.api.Test;

class KogataExceptionTest {
    @ParameterizedTest
    @EnumSource(value = Reason.class, names = {"REASON_UNSPECIFIED", "UNRECOGNIZED"}, mode = Mode.EXCLUDE)
    void travelsOverGrpcAsItIs(Reason reason) {
        KogataException sent = new KogataException(reason, "What was wrong.", Map.of("line", "7"));
        StatusRuntimeException onTheWire = sent.toGrpc();
        KogataException received = KogataException.of(onTheWire);
        assertThat(onTheWire.getStatus().getCode()).isEqualTo(sent.code().grpc());
        assertThat(received.reason()).isEqualTo(reason);
        assertThat(received).hasMessage("What was wrong.");
        assertThat(received.metadata()).containsExactlyEntriesOf(Map.of("line", "7"));
    }

    @ParameterizedTest
    @EnumSource(value = Reason.class, names = {"REASON_UNSPECIFIED", "UNRECOGNIZED"}, mode = Mode.EXCLUDE)
    void isAProblemDocumentWithTheSameReason(Reason reason) {
        Problem problem = Problem.of(new KogataException(reason, "What was wrong."));
        assertThat(problem.reason()).isEqualTo(reason.name());
        assertThat(problem.status()).isBetween(400, 599);
        assertThat(problem.title()).isNotBlank();
        assertThat(problem.type()).matches("https://kogata.dev/problems/[a-z-]+");
    }

    @Test
    void needsAReason() {
        assertThatIllegalArgumentException().isThrownBy(() -> new KogataException(Reason.REASON_UNSPECIFIED, "x"));
    }

    @Test
    void countsAnAbsentServiceAsUnavailable() {
        assertThat(KogataException.of(io.grpc.Status.UNAVAILABLE.withDescription("io exception: /10.0.0.1").asRuntimeException()))
                .hasMessageNotContaining("10.0.0.1").extracting(KogataException::reason).isEqualTo(Reason.UNAVAILABLE);
        assertThat(KogataException.of(io.grpc.Status.DEADLINE_EXCEEDED.asRuntimeException()).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(KogataException.of(io.grpc.Status.CANCELLED.asRuntimeException()).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(KogataException.of(io.grpc.Status.UNKNOWN.asRuntimeException()).reason()).as("of a service that is being stopped").isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void countsAReasonOfANewerVersionAsInternalAndKeepsTheText() {
        Status newer = Status.newBuilder().setCode(3).setMessage("The weights are haunted.")
                .addDetails(Any.pack(ErrorInfo.newBuilder().setDomain("kogata.dev").setReason("WEIGHTS_HAUNTED").build())).build();
        assertThat(KogataException.of(newer)).hasMessage("The weights are haunted.")
                .extracting(KogataException::reason).isEqualTo(Reason.INTERNAL);
    }
}
