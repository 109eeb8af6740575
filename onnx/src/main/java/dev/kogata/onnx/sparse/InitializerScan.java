package dev.kogata.onnx.sparse;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the places of an ONNX file's matrices by reading the protobuf wire format: a parsed message does not tell where in
 * the file its bytes stood. Only the outermost graph's initializers are looked at, their values are passed over.
 */
final class InitializerScan {
    private final String file;
    private final Map<String, StoredTensor> found = new HashMap<>();

    private InitializerScan(String file) {
        this.file = file;
    }

    /** The matrices of floating-point type whose values stand as bytes, by name. */
    static Map<String, StoredTensor> of(Path bundle, String file) throws IOException {
        InitializerScan scan = new InitializerScan(file);
        try (FileChannel channel = FileChannel.open(bundle.resolve(file), StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException(file + " is larger than 2 GiB");
            }
            CodedInputStream in = CodedInputStream.newInstance(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            scan.fields(in, ModelProto.GRAPH_FIELD_NUMBER, () -> scan.fields(in, GraphProto.INITIALIZER_FIELD_NUMBER, () -> scan.tensor(in)));
        }
        return scan.found;
    }

    @FunctionalInterface
    private interface Reader {
        void read() throws IOException;
    }

    /** Reads all fields up to the end or limit; those of that number are messages, given to the reader. */
    private void fields(CodedInputStream in, int number, Reader reader) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                int limit = in.pushLimit(in.readRawVarint32());
                reader.read();
                in.popLimit(limit);
            } else {
                in.skipField(tag);
            }
        }
    }

    private void tensor(CodedInputStream in) throws IOException {
        List<Long> dims = new ArrayList<>();
        Map<String, String> external = new HashMap<>();
        String name = "";
        int type = 0;
        long raw = -1, length = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            int field = WireFormat.getTagFieldNumber(tag);
            if (field == TensorProto.DIMS_FIELD_NUMBER && delimited) {
                int limit = in.pushLimit(in.readRawVarint32());
                while (!in.isAtEnd()) {
                    dims.add(in.readInt64());
                }
                in.popLimit(limit);
            } else if (field == TensorProto.DIMS_FIELD_NUMBER) {
                dims.add(in.readInt64());
            } else if (field == TensorProto.DATA_TYPE_FIELD_NUMBER) {
                type = in.readInt32();
            } else if (field == TensorProto.NAME_FIELD_NUMBER) {
                name = in.readString();
            } else if (field == TensorProto.RAW_DATA_FIELD_NUMBER) {
                length = in.readRawVarint32();
                raw = in.getTotalBytesRead();
                in.skipRawBytes((int) length);
            } else if (field == TensorProto.EXTERNAL_DATA_FIELD_NUMBER) {
                StringStringEntryProto.Builder entry = StringStringEntryProto.newBuilder();
                in.readMessage(entry, ExtensionRegistryLite.getEmptyRegistry());
                external.put(entry.getKey(), entry.getValue());
            } else {
                in.skipField(tag);
            }
        }
        place(name, type, dims, external, raw, length);
    }

    private void place(String name, int type, List<Long> dims, Map<String, String> external, long raw, long length) throws IOException {
        TensorType values = type == TensorProto.DataType.FLOAT_VALUE ? TensorType.F32 : type == TensorProto.DataType.FLOAT16_VALUE ? TensorType.F16
                : type == TensorProto.DataType.BFLOAT16_VALUE ? TensorType.BF16 : null;
        if (values == null || dims.size() != 2 || dims.stream().anyMatch(d -> d < 1 || d > Integer.MAX_VALUE) || raw < 0 && external.isEmpty()) {
            return;
        }
        String dataFile = file;
        long offset = raw;
        if (!external.isEmpty()) {
            dataFile = BundlePath.beside(file, external.getOrDefault("location", ""));
            offset = number(external.getOrDefault("offset", "0"));
            length = external.containsKey("length") ? number(external.get("length")) : dims.get(0) * dims.get(1) * values.bytes();
        }
        StoredTensor tensor = new StoredTensor(file, name, values, dims.get(0).intValue(), dims.get(1).intValue(), dataFile, offset);
        if (tensor.bytes() != length) {
            throw new IOException("tensor %s of %s has %d bytes where its shape needs %d".formatted(name, file, length, tensor.bytes()));
        }
        found.put(name, tensor);
    }

    private long number(String text) throws IOException {
        if (!text.matches("\\d{1,18}")) {
            throw new IOException("%s has external data at %s".formatted(file, text));
        }
        return Long.parseLong(text);
    }
}
