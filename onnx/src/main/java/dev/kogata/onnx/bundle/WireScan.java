package dev.kogata.onnx.bundle;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.FunctionProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.io.IOException;

/**
 * Walks the wire format of an untrusted ONNX file before any object is made of it, and refuses what exceeds {@link ScanLimits}.
 * Not thread-safe; one use.
 */
final class WireScan {

    /** Objects made of a file never outnumber its fields, and one field never takes more than this. */
    private static final int BYTES_PER_FIELD = 128;
    /** Two thirds of the heap may go into one file: the scan runs beside other work, in the small process of an API. */
    private static final int MAXIMUM_FIELDS = (int) Math.min(8_000_000, Runtime.getRuntime().maxMemory() / 3 * 2 / BYTES_PER_FIELD);

    private final String file;
    private final ScanLimits limits;
    private final CodedInputStream in;
    private int nodes;
    private int tensors;
    private int fields;
    private long structureBytes;

    WireScan(String file, long fileBytes, CodedInputStream in, ScanLimits limits) {
        this.file = file;
        this.limits = limits;
        this.in = in;
        this.structureBytes = fileBytes;
    }

    /** Reads to the end; throws what protobuf throws where the bytes are no message. */
    void run() throws IOException {
        while (next()) {
            switch (field()) {
                case ModelProto.GRAPH_FIELD_NUMBER -> inside(() -> graph(0));
                case ModelProto.FUNCTIONS_FIELD_NUMBER -> inside(this::function);
                default -> skip();
            }
        }
        check("structureBytes", structureBytes, limits.structureBytes());
    }

    private void graph(int depth) throws IOException {
        check("nesting", depth, limits.nesting());
        while (next()) {
            switch (field()) {
                case GraphProto.NODE_FIELD_NUMBER -> inside(() -> node(depth));
                case GraphProto.INITIALIZER_FIELD_NUMBER -> inside(this::tensor);
                default -> skip();
            }
        }
    }

    private void function() throws IOException {
        while (next()) {
            switch (field()) {
                case FunctionProto.NODE_FIELD_NUMBER -> inside(() -> node(0));
                default -> skip();
            }
        }
    }

    private void node(int depth) throws IOException {
        check("nodes", ++nodes, limits.nodes());
        while (next()) {
            switch (field()) {
                case NodeProto.ATTRIBUTE_FIELD_NUMBER -> inside(() -> attribute(depth));
                default -> skip();
            }
        }
    }

    private void attribute(int depth) throws IOException {
        while (next()) {
            switch (field()) {
                case AttributeProto.T_FIELD_NUMBER, AttributeProto.TENSORS_FIELD_NUMBER -> inside(this::tensor);
                case AttributeProto.G_FIELD_NUMBER, AttributeProto.GRAPHS_FIELD_NUMBER -> inside(() -> graph(depth + 1));
                default -> skip();
            }
        }
    }

    private void tensor() throws IOException {
        check("tensors", ++tensors, limits.tensors());
        while (next()) {
            if (field() == TensorProto.RAW_DATA_FIELD_NUMBER && lengthDelimited()) {
                int length = in.readRawVarint32();
                in.skipRawBytes(length);
                structureBytes -= length;
            } else {
                skip();
            }
        }
    }

    private boolean next() throws IOException {
        if (in.readTag() == 0) {
            return false;
        }
        check("fields", ++fields, MAXIMUM_FIELDS);
        return true;
    }

    private int field() {
        return WireFormat.getTagFieldNumber(in.getLastTag());
    }

    private boolean lengthDelimited() {
        return WireFormat.getTagWireType(in.getLastTag()) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private void skip() throws IOException {
        in.skipField(in.getLastTag());
    }

    private void inside(Part part) throws IOException {
        if (!lengthDelimited()) {
            skip();
            return;
        }
        int limit = in.pushLimit(in.readRawVarint32());
        part.read();
        in.checkLastTagWas(0);
        in.popLimit(limit);
    }

    private void check(String limit, long value, long maximum) {
        if (value > maximum) {
            throw Refusals.tooLarge(file, limit, value, maximum);
        }
    }

    /** Reads one message up to the current limit. */
    private interface Part {
        void read() throws IOException;
    }
}
