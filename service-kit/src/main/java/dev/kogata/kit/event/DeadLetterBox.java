package dev.kogata.kit.event;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The records that could not be used, for a person who looks at them and sends them again once the cause is mended. Every call
 * connects anew and fails with {@code UNAVAILABLE} where no broker answers. Thread-safe.
 */
public final class DeadLetterBox {
    /** Somebody looks at a list and waits; a broker on a machine with too much to do may need more than the few seconds that services give it. */
    private static final int TIMEOUT_MILLIS = 30_000;

    private final String bootstrapServers;
    private final Map<String, String> client;

    /** The letters at the broker of {@code config}. */
    public DeadLetterBox(KogataConfig.Kafka config) {
        this(config.bootstrapServers(), config.client());
    }

    /**
     * The letters at a broker.
     *
     * @param client further settings by Kafka's own names
     */
    public DeadLetterBox(String bootstrapServers, Map<String, String> client) {
        this.bootstrapServers = bootstrapServers;
        this.client = Map.copyOf(client);
    }

    /** All letters by their ids, {@code TOPIC/PARTITION/OFFSET}, oldest first within a partition. */
    public Map<String, DeadLetter> letters() {
        Map<String, DeadLetter> letters = new LinkedHashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.of(bootstrapServers, client, Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS / 2,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS)), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (!consumer.listTopics().containsKey(Event.DEAD)) {
                return letters;
            }
            List<TopicPartition> partitions = consumer.partitionsFor(Event.DEAD).stream()
                    .map(partition -> new TopicPartition(Event.DEAD, partition.partition())).toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    letter(record).ifPresent(letter -> letters.putIfAbsent(DeadLetters.id(letter), letter));
                    end = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
                }
                if (System.nanoTime() > end) {
                    throw away(null);
                }
            }
            return letters;
        } catch (KafkaException e) {
            throw away(e);
        }
    }

    /** One letter; {@code NOT_FOUND} where there is none of this id. */
    public DeadLetter letter(String id) {
        return Optional.ofNullable(letters().get(id)).orElseThrow(() -> KogataException.notFound("The dead letter", id));
    }

    /** Puts the record of a letter on its topic again, as it was. The letter stays. */
    public void replay(String id) {
        DeadLetter letter = letter(id);
        if (letter.getValueDropped()) {
            throw new KogataException(Reason.STATE_WRONG, "The record " + id + " was too large to be kept and cannot be replayed; send it again from its source.",
                    Map.of("state", "DROPPED"));
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(ClientSettings.of(bootstrapServers, client, Map.of(
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MILLIS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS)), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(DeadLetters.record(letter)).get();
        } catch (KafkaException | ExecutionException e) {
            throw away(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(e);
        }
    }

    private KogataException away(Exception cause) {
        return new KogataException(Reason.UNAVAILABLE, "The broker at " + bootstrapServers + " does not answer; try again.", Map.of(), cause);
    }

    private static Optional<DeadLetter> letter(ConsumerRecord<byte[], byte[]> record) {
        try {
            var event = KafkaMessageFactory.createReader(record).toEvent();
            return event.getType().equals(Event.DEAD_LETTER) && event.getData() != null
                    ? Optional.of(DeadLetter.parseFrom(event.getData().toBytes())) : Optional.empty();
        } catch (CloudEventRWException | InvalidProtocolBufferException | IllegalArgumentException e) {
            // Somebody else's record on the topic: no letter of ours.
            return Optional.empty();
        }
    }
}
