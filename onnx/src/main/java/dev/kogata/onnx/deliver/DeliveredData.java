package dev.kogata.onnx.deliver;

import com.google.protobuf.ByteString;
import dev.kogata.onnx.bundle.ExternalData;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataLocation;
import dev.kogata.onnx.graph.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts new values of weights where the old ones stand: inside the ONNX file, or at the same offset of the copied data file.
 * Where other tensors lie on the same bytes, the new values are appended instead.
 */
final class DeliveredData implements AutoCloseable {
    private final Path folder;
    private final Map<String, TensorFile> files = new HashMap<>();
    private final Map<String, TensorProto> tensors = new HashMap<>();
    private final Map<String, ExternalData> places = new HashMap<>();

    /** @param folder the bundle that is written; its data files are copied already */
    DeliveredData(ModelFile model, Path folder) {
        this.folder = folder.resolve(model.name()).getParent();
        for (TensorProto tensor : model.model().getGraph().getInitializerList()) {
            tensors.put(tensor.getName(), tensor);
            if (tensor.getDataLocation() == DataLocation.EXTERNAL) {
                places.put(tensor.getName(), model.external(tensor));
            }
        }
    }

    /** Writes the values and returns the initializer that stands for them. */
    TensorProto replace(WeightMatrix weight, ByteBuffer values) throws IOException {
        if (values.remaining() != weight.bytes()) {
            throw new IllegalArgumentException("%d bytes for weight %s of %d".formatted(values.remaining(), weight.id(), weight.bytes()));
        }
        TensorProto tensor = tensors.get(weight.name());
        if (tensor.getDataLocation() != DataLocation.EXTERNAL) {
            return TensorProto.newBuilder().setName(tensor.getName()).setDataType(tensor.getDataType()).addAllDims(tensor.getDimsList())
                    .setRawData(ByteString.copyFrom(values.duplicate())).build();
        }
        ExternalData data = places.get(weight.name());
        TensorFile file = files.get(data.location());
        if (file == null) {
            file = new TensorFile(folder, data.location());
            files.put(data.location(), file);
        }
        if (isShared(weight.name(), data)) {
            return file.append(tensor.getName(), tensor.getDataType(), List.copyOf(tensor.getDimsList()), values);
        }
        file.overwrite(data.offset(), values);
        return tensor;
    }

    private boolean isShared(String name, ExternalData data) {
        return places.entrySet().stream().filter(p -> !p.getKey().equals(name)).map(Map.Entry::getValue)
                .anyMatch(o -> o.file().equals(data.file()) && o.offset() < data.offset() + data.length() && data.offset() < o.offset() + o.length());
    }

    @Override
    public void close() throws IOException {
        for (TensorFile file : files.values()) {
            file.close();
        }
    }
}
