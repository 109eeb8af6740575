package dev.kogata.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Callers of an older version keep working. The baseline is the descriptor of the last released contract, in words:
 * {@code src/test/resources/contract/baseline.txt}. A break fails here; what is only new is written to
 * {@code target/contract.txt}, which becomes the baseline when it is released.
 */
class BreakingChangeTest {
    private static final String TASKS = "dev/kogata/tasks/v1/task_queue_service.proto";

    private FileDescriptorSet now;
    private SortedSet<String> contract;

    @BeforeEach
    void read() throws IOException {
        now = Contract.descriptors();
        contract = Contract.of(now);
        Files.write(Path.of("target", "contract.txt"), contract);
    }

    @Test
    void keepsEverythingThatWasEverPromised() throws IOException {
        try (var in = getClass().getResourceAsStream("/contract/baseline.txt")) {
            var baseline = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            assertThat(baseline).hasSizeGreaterThan(300);
            assertThat(Contract.broken(baseline, contract))
                    .as("promises that are broken; keep them, and add new fields, values and methods instead").isEmpty();
        }
    }

    @Test
    void seesARemovedField() {
        assertThat(brokenBy(file -> task(file).removeField(3))).containsExactly("field dev.kogata.tasks.v1.Task.fence = 4 int64");
    }

    @Test
    void seesARenumberedField() {
        assertThat(brokenBy(file -> task(file).getFieldBuilder(3).setNumber(40))).containsExactly("field dev.kogata.tasks.v1.Task.fence = 4 int64");
    }

    @Test
    void seesARetypedField() {
        assertThat(brokenBy(file -> task(file).getFieldBuilder(3).setType(Type.TYPE_STRING)))
                .containsExactly("field dev.kogata.tasks.v1.Task.fence = 4 int64");
    }

    @Test
    void seesARenamedFieldSinceJsonHasNames() {
        assertThat(brokenBy(file -> task(file).getFieldBuilder(3).setName("token"))).containsExactly("field dev.kogata.tasks.v1.Task.fence = 4 int64");
    }

    @Test
    void seesARemovedMethod() {
        assertThat(brokenBy(file -> file.getServiceBuilder(0).removeMethod(0))).singleElement().asString()
                .startsWith("rpc dev.kogata.tasks.v1.TaskQueueService.ClaimTask (");
    }

    @Test
    void seesAMethodThatStreamsNow() {
        assertThat(brokenBy(file -> file.getServiceBuilder(0).getMethodBuilder(0).setServerStreaming(true))).hasSize(1);
    }

    @Test
    void seesAChangedEnumValue() {
        assertThat(brokenBy(file -> file.getEnumTypeBuilder(0).getValueBuilder(1).setNumber(9)))
                .containsExactly("enum dev.kogata.tasks.v1.TaskState.WAITING = 1");
    }

    @Test
    void letsAdditionsPass() {
        assertThat(brokenBy(file -> {
            task(file).addField(FieldDescriptorProto.newBuilder().setName("novel").setNumber(99).setType(Type.TYPE_BOOL));
            file.addMessageType(DescriptorProto.newBuilder().setName("Novel"));
            file.getEnumTypeBuilder(0).addValueBuilder().setName("PAUSED").setNumber(99);
            file.getServiceBuilder(0).addMethodBuilder().setName("PauseTask").setInputType(".a.B").setOutputType(".a.C");
        })).isEmpty();
    }

    private SortedSet<String> brokenBy(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder changed = now.toBuilder();
        changed.getFileBuilderList().stream().filter(file -> file.getName().equals(TASKS)).forEach(change);
        return Contract.broken(contract, Contract.of(changed.build()));
    }

    private static DescriptorProto.Builder task(FileDescriptorProto.Builder file) {
        return file.getMessageTypeBuilderList().stream().filter(message -> message.getName().equals("Task")).findFirst().orElseThrow();
    }
}
