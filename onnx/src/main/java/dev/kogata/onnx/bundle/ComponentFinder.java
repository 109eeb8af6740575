package dev.kogata.onnx.bundle;

import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tells by inputs and outputs which part of a model an ONNX file is; of several files for one part it takes the full-precision one. */
final class ComponentFinder {
    private static final Pattern PRECISION = Pattern.compile("_(fp16|q4f16|q4|q8|int8|uint8|bnb4|quantized)\\b|_(fp16|q4f16|q4|q8|int8|uint8|bnb4|quantized)\\.");

    private ComponentFinder() {}

    static Map<Kind, ModelFile> find(List<ModelFile> files) {
        Map<Kind, List<ModelFile>> byKind = files.stream().filter(f -> kind(f).isPresent())
                .collect(Collectors.groupingBy(f -> kind(f).get()));
        Map<Kind, ModelFile> chosen = new EnumMap<>(Kind.class);
        byKind.forEach((kind, candidates) -> chosen.put(kind, candidates.stream().min(preference()).orElseThrow()));
        return chosen;
    }

    private static Comparator<ModelFile> preference() {
        return Comparator.comparing((ModelFile f) -> PRECISION.matcher(f.name()).find())
                .thenComparing(f -> !f.name().toLowerCase(Locale.ROOT).contains("merged"))
                .thenComparing(f -> f.name().length()).thenComparing(ModelFile::name);
    }

    static Optional<Kind> kind(ModelFile file) {
        GraphProto graph = file.model().getGraph();
        Set<String> initializers = graph.getInitializerList().stream().map(t -> t.getName()).collect(Collectors.toSet());
        List<ValueInfoProto> inputs = graph.getInputList().stream().filter(i -> !initializers.contains(i.getName())).toList();
        if (!CacheName.pairs(graph).isEmpty()) {
            return Optional.of(Kind.DECODER);
        }
        if (inputs.stream().anyMatch(ComponentFinder::isPixels)) {
            return Optional.of(Kind.VISION_ENCODER);
        }
        boolean ids = inputs.stream().anyMatch(i -> isInteger(i) && rank(i) == 2);
        boolean embeddings = graph.getOutputList().stream().anyMatch(o -> isFloat(o) && (rank(o) == 3 || rank(o) == 0));
        if (ids && embeddings && graph.getNodeList().stream().anyMatch(n -> n.getOpType().startsWith("Gather"))) {
            return Optional.of(Kind.EMBED_TOKENS);
        }
        if (inputs.size() == 1 && isFloat(inputs.get(0)) && graph.getOutputCount() == 1 && file.name().contains("project")) {
            return Optional.of(Kind.PROJECTOR);
        }
        return Optional.empty();
    }

    private static boolean isPixels(ValueInfoProto input) {
        boolean channels = rank(input) == 4 && input.getType().getTensorType().getShape().getDim(1).getDimValue() == 3;
        return isFloat(input) && (channels || input.getName().contains("pixel"));
    }

    private static boolean isFloat(ValueInfoProto value) {
        return ValueType.of(value.getType().getTensorType().getElemType()).isPresent();
    }

    private static boolean isInteger(ValueInfoProto value) {
        int type = value.getType().getTensorType().getElemType();
        return type == DataType.INT64_VALUE || type == DataType.INT32_VALUE;
    }

    private static int rank(ValueInfoProto value) {
        return value.getType().getTensorType().getShape().getDimCount();
    }
}
