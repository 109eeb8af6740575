package dev.kogata.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What callers rely on, one line per message, field, enum value and method: its name, number and type. A newer contract
 * keeps every line of an older one; it may have more.
 */
final class Contract {
    private final SortedSet<String> lines = new TreeSet<>();

    private Contract(FileDescriptorSet descriptors) {
        descriptors.getFileList().stream().filter(file -> file.getPackage().startsWith("dev.kogata.")).forEach(this::file);
    }

    static SortedSet<String> of(FileDescriptorSet descriptors) {
        return new Contract(descriptors).lines;
    }

    /** Lines of the older contract that the newer one broke. */
    static SortedSet<String> broken(Collection<String> older, Collection<String> newer) {
        SortedSet<String> broken = new TreeSet<>(older);
        broken.removeAll(newer);
        return broken;
    }

    /** The descriptors that this module is built from. */
    static FileDescriptorSet descriptors() throws IOException {
        try (InputStream in = Contract.class.getResourceAsStream("/kogata.protobin")) {
            return FileDescriptorSet.parseFrom(in);
        }
    }

    private void file(FileDescriptorProto file) {
        file.getMessageTypeList().forEach(message -> message(file.getPackage(), message));
        file.getEnumTypeList().forEach(type -> enumeration(file.getPackage(), type));
        file.getServiceList().forEach(service -> {
            for (MethodDescriptorProto method : service.getMethodList()) {
                lines.add("rpc " + file.getPackage() + "." + service.getName() + "." + method.getName()
                        + " (" + (method.getClientStreaming() ? "stream " : "") + method.getInputType().substring(1)
                        + ") returns (" + (method.getServerStreaming() ? "stream " : "") + method.getOutputType().substring(1) + ")");
            }
        });
    }

    private void message(String scope, DescriptorProto message) {
        String name = scope + "." + message.getName();
        lines.add("message " + name);
        message.getFieldList().forEach(field -> field(name, message, field));
        message.getNestedTypeList().forEach(nested -> message(name, nested));
        message.getEnumTypeList().forEach(nested -> enumeration(name, nested));
    }

    private void field(String scope, DescriptorProto message, FieldDescriptorProto field) {
        String type = field.hasTypeName() ? field.getTypeName().substring(1)
                : field.getType().name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
        String label = field.getLabel() == FieldDescriptorProto.Label.LABEL_REPEATED ? "repeated "
                : field.getProto3Optional() ? "optional "
                : field.hasOneofIndex() ? "oneof " + message.getOneofDecl(field.getOneofIndex()).getName() + " " : "";
        lines.add("field " + scope + "." + field.getName() + " = " + field.getNumber() + " " + label + type);
    }

    private void enumeration(String scope, EnumDescriptorProto type) {
        type.getValueList().forEach(value ->
                lines.add("enum " + scope + "." + type.getName() + "." + value.getName() + " = " + value.getNumber()));
    }
}
