package dev.kogata.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The protos are the reference: everything in them says what it is. */
class DocumentationTest {
    @Test
    void saysWhatEveryMessageFieldValueAndMethodIs() throws IOException {
        List<String> silent = new ArrayList<>();
        int elements = 0;
        for (FileDescriptorProto file : files()) {
            Set<List<Integer>> documented = new HashSet<>();
            for (Location location : file.getSourceCodeInfo().getLocationList()) {
                if (location.getLeadingComments().strip().length() > 3) {
                    documented.add(location.getPathList());
                }
            }
            for (Element element : elements(file)) {
                elements++;
                if (!documented.contains(element.path)) {
                    silent.add(file.getName() + ": " + element.name);
                }
            }
        }
        assertThat(silent).as("without a comment above").isEmpty();
        assertThat(elements).isGreaterThan(300);
    }

    @Test
    void beginsEveryEnumWithUnspecified() throws IOException {
        for (FileDescriptorProto file : files()) {
            List<EnumDescriptorProto> enums = Stream.concat(file.getEnumTypeList().stream(),
                    file.getMessageTypeList().stream().flatMap(message -> message.getEnumTypeList().stream())).toList();
            for (EnumDescriptorProto type : enums) {
                assertThat(type.getValue(0).getNumber()).isZero();
                assertThat(type.getValue(0).getName()).as(type.getName()).endsWith("_UNSPECIFIED");
            }
        }
    }

    @Test
    void liesWhereItsPackageSays() throws IOException {
        for (FileDescriptorProto file : files()) {
            assertThat(file.getName()).startsWith(file.getPackage().replace('.', '/') + "/");
            assertThat(file.getOptions().getJavaPackage()).isEqualTo(file.getPackage());
        }
    }

    private static List<FileDescriptorProto> files() throws IOException {
        List<FileDescriptorProto> files = Contract.descriptors().getFileList().stream()
                .filter(file -> file.getPackage().startsWith("dev.kogata.")).toList();
        assertThat(files).hasSizeGreaterThan(8);
        return files;
    }

    /** Something that can be documented, by its path in the descriptor (numbers of fields in descriptor.proto). */
    private record Element(String name, List<Integer> path) {}

    private static List<Element> elements(FileDescriptorProto file) {
        List<Element> all = new ArrayList<>();
        for (int i = 0; i < file.getMessageTypeCount(); i++) {
            message(file.getMessageType(i), List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i), all);
        }
        for (int i = 0; i < file.getEnumTypeCount(); i++) {
            enumeration(file.getEnumType(i), List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, i), all);
        }
        for (int i = 0; i < file.getServiceCount(); i++) {
            List<Integer> path = List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, i);
            all.add(new Element(file.getService(i).getName(), path));
            for (int j = 0; j < file.getService(i).getMethodCount(); j++) {
                all.add(new Element(file.getService(i).getMethod(j).getName(), child(path, 2, j)));
            }
        }
        return all;
    }

    private static void message(DescriptorProto message, List<Integer> path, List<Element> all) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        all.add(new Element(message.getName(), path));
        for (int i = 0; i < message.getFieldCount(); i++) {
            all.add(new Element(message.getName() + "." + message.getField(i).getName(), child(path, DescriptorProto.FIELD_FIELD_NUMBER, i)));
        }
        for (int i = 0; i < message.getNestedTypeCount(); i++) {
            message(message.getNestedType(i), child(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i), all);
        }
        for (int i = 0; i < message.getEnumTypeCount(); i++) {
            enumeration(message.getEnumType(i), child(path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i), all);
        }
    }

    private static void enumeration(EnumDescriptorProto type, List<Integer> path, List<Element> all) {
        all.add(new Element(type.getName(), path));
        for (int i = 0; i < type.getValueCount(); i++) {
            all.add(new Element(type.getValue(i).getName(), child(path, EnumDescriptorProto.VALUE_FIELD_NUMBER, i)));
        }
    }

    private static List<Integer> child(List<Integer> path, int field, int index) {
        List<Integer> child = new ArrayList<>(path);
        child.add(field);
        child.add(index);
        return child;
    }
}
