package dev.kogata.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import dev.kogata.events.v1.JobChanged;
import dev.kogata.orchestrator.v1.JobEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Consumers and producers of different versions understand each other's events. */
class EventCompatibilityTest {
    /** JobChanged of the first version: job "jobs/1", sequence 7, at 1000.5 s, SEARCHING, 0.25, "Trial 3.", trial 2 of "tpe". */
    private static final String FIRST_VERSION = "0a480a066a6f62732f3110071a0908e8071080cab5ee01200429000000000000d03f3208547269616c20332e3a1c08021100"
            + "0000000000e03f18e80721000000000000e03f3203747065";

    @Test
    void anOldConsumerReadsEverythingItKnowsInANewEvent() throws Exception {
        // As if a later version had more fields and one more state: what is not known yet is all that a newer event can bring.
        JobChanged known = JobChanged.newBuilder().setEvent(JobEvent.newBuilder().setJob("jobs/1").setSequence(7).setStateValue(4).setMessage("Trial 3.")).build();
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(200, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8("later")).build())
                .addField(201, UnknownFieldSet.Field.newBuilder().addVarint(3).build()).build();
        JobChanged newer = known.toBuilder().setUnknownFields(later)
                .setEvent(known.getEvent().toBuilder().setStateValue(77).setUnknownFields(later)).build();

        JobChanged read = JobChanged.parseFrom(newer.toByteArray());
        assertThat(read.getEvent().getJob()).isEqualTo("jobs/1");
        assertThat(read.getEvent().getMessage()).isEqualTo("Trial 3.");
        assertThat(read.getEvent().getStateValue()).as("a state that is not known is a number, not an error").isEqualTo(77);
        assertThat(read.toByteString()).as("and is passed on whole").isEqualTo(newer.toByteString());
    }

    @Test
    void aConsumerOfTheFirstVersionReadsTheEventsOfThisOne() throws Exception {
        Descriptor first = firstVersion();
        assertThat(first.getFields()).extracting(FieldDescriptor::getName).containsExactly("event");
        JobChanged now = JobChanged.newBuilder().setEvent(JobEvent.newBuilder().setJob("jobs/1").setSequence(9).setStateValue(7))
                .addFiles(dev.kogata.events.v1.ResultFile.newBuilder().setPath("plan.json").setUri("artifact:sha256/00"))
                .setCause(dev.kogata.orchestrator.v1.Cause.newBuilder().setId("1").setSource("//test")).build();

        DynamicMessage read = DynamicMessage.parseFrom(first, now.toByteArray());
        DynamicMessage event = (DynamicMessage) read.getField(first.findFieldByName("event"));
        assertThat(event.getField(event.getDescriptorForType().findFieldByName("job"))).isEqualTo("jobs/1");
        assertThat(event.getField(event.getDescriptorForType().findFieldByName("sequence"))).isEqualTo(9L);
        assertThat(read.getUnknownFields().asMap()).as("what came later is skipped").containsOnlyKeys(2, 3);
    }

    @Test
    void thisVersionReadsEventsOfTheFirstOne() throws Exception {
        JobEvent event = JobChanged.parseFrom(HexFormat.of().parseHex(FIRST_VERSION)).getEvent();
        assertThat(event.getJob()).isEqualTo("jobs/1");
        assertThat(event.getSequence()).isEqualTo(7);
        assertThat(event.getTime().getSeconds()).isEqualTo(1000);
        assertThat(event.getState().name()).isEqualTo("SEARCHING");
        assertThat(event.getProgress()).isEqualTo(0.25);
        assertThat(event.getMessage()).isEqualTo("Trial 3.");
        assertThat(event.getTrial().getOrigin()).isEqualTo("tpe");
        assertThat(event.getTrial().getLoss()).isEqualTo(0.5);
    }

    /** JobChanged as it was: only its first field. */
    private static Descriptor firstVersion() throws Exception {
        Map<String, FileDescriptorProto> files = new HashMap<>();
        for (FileDescriptorProto file : Contract.descriptors().getFileList()) {
            FileDescriptorProto.Builder older = file.toBuilder();
            for (DescriptorProto.Builder message : older.getMessageTypeBuilderList()) {
                if (file.getPackage().equals("dev.kogata.events.v1") && message.getName().equals("JobChanged")) {
                    while (message.getFieldCount() > 1) {
                        message.removeField(1);
                    }
                }
            }
            files.put(file.getName(), older.build());
        }
        return build("dev/kogata/events/v1/events.proto", files).findMessageTypeByName("JobChanged");
    }

    private static FileDescriptor build(String name, Map<String, FileDescriptorProto> files) throws Exception {
        List<FileDescriptor> needed = new ArrayList<>();
        for (String other : files.get(name).getDependencyList()) {
            if (files.containsKey(other)) {
                needed.add(build(other, files));
            }
        }
        return FileDescriptor.buildFrom(files.get(name), needed.toArray(FileDescriptor[]::new), true);
    }
}
