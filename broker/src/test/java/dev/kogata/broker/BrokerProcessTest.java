package dev.kogata.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker as the embedded mesh runs it: a process that is stopped and killed. */
class BrokerProcessTest {
    @TempDir
    Path data;

    @Test
    void keepsItsRecordsWhenKilledAndStoppedAndStartedAgain() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(data)) {
            broker.start();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
                admin.createTopics(List.of(new NewTopic("kogata.jobs", 1, (short) 1))).all().get();
            }
            send(broker, "before the kill");

            broker.kill();
            long killed = System.nanoTime();
            broker.start();
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(30));
            send(broker, "after the kill");

            assertThat(broker.stop()).isIn(0, 143);
            broker.start();
            assertThat(records(broker)).containsExactly("before the kill", "after the kill");
        }
    }

    @Test
    void saysThatAPortIsTakenAndWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                BrokerProcess broker = new BrokerProcess(data, taken.getLocalPort())) {
            Process process = broker.launch();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(3);
            assertThat(broker.output().strip())
                    .isEqualTo("PORT_IN_USE: another process listens on port " + taken.getLocalPort() + "; stop it or choose another port.");
        }
    }

    private static void send(BrokerProcess broker, String text) throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address()), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("kogata.jobs", text)).get();
        }
    }

    private static List<String> records(BrokerProcess broker) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address()), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition("kogata.jobs", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> records = new ArrayList<>();
            while (consumer.position(partition) < consumer.endOffsets(List.of(partition)).get(partition)) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    records.add(record.value());
                }
            }
            return records;
        }
    }
}
