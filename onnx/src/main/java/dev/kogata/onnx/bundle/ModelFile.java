package dev.kogata.onnx.bundle;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.OperatorSetIdProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One ONNX file of a bundle, read within limits and checked. The file is mapped, not copied: raw tensor data in
 * {@link #model()} refers to the mapping, external data is mapped tensor by tensor when asked for. Immutable and safe for
 * use by several threads as long as nobody changes the file.
 */
public final class ModelFile {
    private static final int NEWEST_IR = 13;
    private static final int NEWEST_OPSET = 26;

    private final Path root;
    private final String name;
    private final ModelProto model;

    private ModelFile(Path root, String name, ModelProto model) {
        this.root = root;
        this.name = name;
        this.model = model;
    }

    static ModelFile open(Path root, String name, ScanLimits limits) {
        Path path = root.resolve(name);
        try {
            long size = Files.size(path);
            if (size >= limits.fileBytes()) {
                throw Refusals.tooLarge(name, "fileBytes", size, limits.fileBytes());
            }
            if (size == 0) {
                throw Refusals.broken(name, "it is empty");
            }
            ByteString bytes = UnsafeByteOperations.unsafeWrap(map(path, 0, size));
            new WireScan(name, size, bytes.newCodedInput(), limits).run();
            CodedInputStream in = bytes.newCodedInput();
            in.enableAliasing(true);
            ModelFile file = new ModelFile(root, name, ModelProto.parseFrom(in));
            file.checkVersions();
            new GraphCheck(file, limits).run();
            return file;
        } catch (InvalidProtocolBufferException e) {
            throw Refusals.broken(name, "its protobuf message is damaged");
        } catch (IOException e) {
            throw Refusals.broken(name, "it cannot be read");
        }
    }

    /** Path relative to the bundle, with forward slashes. */
    public String name() {
        return name;
    }

    /** Path of the file on this machine. */
    public Path path() {
        return root.resolve(name);
    }

    /** The parsed model. */
    public ModelProto model() {
        return model;
    }

    /** Opset of the default domain. */
    public int opset() {
        return opset("");
    }

    private int opset(String domain) {
        return model.getOpsetImportList().stream()
                .filter(o -> o.getDomain().equals(domain) || domain.isEmpty() && o.getDomain().equals("ai.onnx"))
                .mapToInt(o -> (int) Math.min(o.getVersion(), Integer.MAX_VALUE)).findFirst().orElse(0);
    }

    /** Bytes of a tensor's values as stored in raw or external data. */
    public long bytesOf(TensorProto tensor) {
        return TensorTypes.bytes(name, tensor);
    }

    /**
     * The values of a tensor, little endian, read-only, at most 2 GiB; mapped where they are external.
     *
     * @throws IllegalArgumentException where the values stand in typed fields and not as bytes, or are larger
     */
    public ByteBuffer values(TensorProto tensor) {
        if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
            return TypedData.littleEndian(tensor);
        }
        ExternalData data = external(tensor);
        if (data.length() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor %s has %d bytes, at most 2 GiB can be read".formatted(tensor.getName(), data.length()));
        }
        try {
            return map(data.file(), data.offset(), data.length()).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw Refusals.dataMissing(name, data.location(), "cannot be read");
        }
    }

    /** Where a tensor's external data lies. */
    public ExternalData external(TensorProto tensor) {
        return ExternalData.of(tensor, name, path().getParent(), root, bytesOf(tensor));
    }

    private void checkVersions() {
        if (!model.hasGraph()) {
            throw Refusals.broken(name, "it holds no graph");
        }
        if (model.getIrVersion() > NEWEST_IR) {
            throw Refusals.unsupported(name, "IR version %d is newer than %d, the newest that can be run; export with an older one"
                    .formatted(model.getIrVersion(), NEWEST_IR));
        }
        if (model.getIrVersion() < 3) {
            throw Refusals.broken(name, "its IR version is %d".formatted(model.getIrVersion()));
        }
        for (OperatorSetIdProto opset : model.getOpsetImportList()) {
            if ((opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx")) && opset.getVersion() > NEWEST_OPSET) {
                throw Refusals.unsupported(name, "opset %d is newer than %d, the newest that can be run; export with an older one"
                        .formatted(opset.getVersion(), NEWEST_OPSET));
            }
        }
        if (opset() < 1) {
            throw Refusals.broken(name, "it names no opset");
        }
    }

    private static ByteBuffer map(Path path, long offset, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(MapMode.READ_ONLY, offset, length);
        }
    }
}
