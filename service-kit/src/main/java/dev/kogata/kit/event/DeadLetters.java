package dev.kogata.kit.event;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.events.v1.RecordHeader;
import dev.kogata.kit.error.KogataException;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** What becomes of a record that cannot be used: the record itself and the reason, as an event. Stateless. */
final class DeadLetters {
    /** Larger values would not fit into a record together with the rest. */
    static final int LARGEST_VALUE = 512 << 10;

    private DeadLetters() {}

    /** The letter of a record. */
    static DeadLetter of(ConsumerRecord<byte[], byte[]> record, KogataException error) {
        Instant now = Instant.now();
        DeadLetter.Builder letter = DeadLetter.newBuilder().setTopic(record.topic()).setPartition(record.partition()).setOffset(record.offset())
                .setError(error.toStatus())
                .setTime(Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()));
        if (record.key() != null) {
            letter.setKey(ByteString.copyFrom(record.key(), 0, Math.min(record.key().length, 1024)));
        }
        int bytes = record.value() == null ? 0 : record.value().length;
        for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        if (bytes > LARGEST_VALUE) {
            return letter.setValueDropped(true).build();
        }
        for (Header header : record.headers()) {
            RecordHeader.Builder kept = RecordHeader.newBuilder().setName(header.key());
            if (header.value() != null) {
                kept.setValue(ByteString.copyFrom(header.value()));
            }
            letter.addHeaders(kept);
        }
        if (record.value() != null) {
            letter.setValue(ByteString.copyFrom(record.value()));
        }
        return letter.build();
    }

    /** Id of a letter: the same record, given up twice, has one. */
    static String id(DeadLetter letter) {
        return letter.getTopic() + "/" + letter.getPartition() + "/" + letter.getOffset();
    }

    static CloudEvent event(DeadLetter letter, String source) {
        return CloudEventBuilder.v1().withId(id(letter)).withSource(URI.create(source)).withType(Event.DEAD_LETTER)
                .withTime(OffsetDateTime.now(ZoneOffset.UTC)).withData(Event.CONTENT_TYPE, letter.toByteArray()).build();
    }

    /** The record as it was. */
    static ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(letter.getTopic(), letter.hasKey() ? letter.getKey().toByteArray() : null,
                letter.hasValue() ? letter.getValue().toByteArray() : null);
        letter.getHeadersList().forEach(header -> record.headers().add(header.getName(), header.hasValue() ? header.getValue().toByteArray() : null));
        return record;
    }
}
