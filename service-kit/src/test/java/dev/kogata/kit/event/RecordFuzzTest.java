package dev.kogata.kit.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.kit.error.KogataException;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Any record on a topic that strangers write to: a CloudEvent with what makes it one, or a letter that keeps the record as it was. */
class RecordFuzzTest {

    /** Lines NAME=VALUE are headers, up to an empty line; what follows is the value. */
    @FuzzTest(maxDuration = "5m")
    void aRecordIsAnEventOrADeadLetter(byte[] bytes) throws InvalidProtocolBufferException {
        ConsumerRecord<byte[], byte[]> record = record(bytes);
        try {
            CloudEvent event = EventIntake.event(record);
            assertThat(event.getId()).isNotNull();
            assertThat(event.getType()).isNotNull();
            assertThat(event.getSource()).isNotNull();
        } catch (KogataException refused) {
            assertThat(refused.reason()).isEqualTo(Reason.EVENT_INVALID);
            assertThat(refused).hasMessageNotContainingAny("dev.kogata", "java.", "io.cloudevents");
            DeadLetter letter = DeadLetters.of(record, refused);
            CloudEvent sent = DeadLetters.event(letter, "//kogata.dev/fuzz");
            var again = DeadLetters.record(DeadLetter.parseFrom(sent.getData().toBytes()));
            assertThat(again.value()).isEqualTo(record.value());
            assertThat(again.headers()).isEqualTo(record.headers());
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] bytes) {
        String all = new String(bytes, StandardCharsets.UTF_8);
        int end = all.indexOf("\n\n");
        byte[] value = end < 0 ? null : all.substring(end + 2).getBytes(StandardCharsets.UTF_8);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(Event.REQUESTS, 0, 0, null, value);
        for (String line : all.substring(0, end < 0 ? all.length() : end).split("\n")) {
            int equals = line.indexOf('=');
            record.headers().add(equals < 0 ? line : line.substring(0, equals), equals < 0 ? null : line.substring(equals + 1).getBytes(StandardCharsets.UTF_8));
        }
        return record;
    }
}
