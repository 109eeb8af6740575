package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Number of the decoder block and role of a weight, as far as names tell: the node's, its name scopes', the initializer's.
 *
 * @param layer number of the block, from 0
 * @param role such as {@code q_proj}; empty where the name ends at the block
 */
record LayerName(int layer, String role) {
    private static final Pattern LAYER = Pattern.compile("(?:^|[./_])(?:layers?|blocks?|h)[._](\\d{1,5})(?:[./]|$)");
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");
    private static final String SCOPES = "pkg.torch.onnx.name_scopes";

    static Optional<LayerName> of(NodeProto node, String initializer) {
        return inText(withoutOperator(node)).or(() -> inScopes(node)).or(() -> inText(withoutSuffix(initializer)));
    }

    private static Optional<LayerName> inText(String text) {
        Matcher matcher = LAYER.matcher(text);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String rest = text.substring(matcher.end());
        return Optional.of(new LayerName(Integer.parseInt(matcher.group(1)), rest.replaceAll(".*[./]", "")));
    }

    /** {@code /model/layers.3/self_attn/q_proj/MatMul} without its last part, which names the operator. */
    private static String withoutOperator(NodeProto node) {
        return node.getName().replaceFirst("/(" + Pattern.quote(node.getOpType()) + ")(_\\d+)?$", "");
    }

    private static String withoutSuffix(String initializer) {
        return initializer.replaceFirst("[._](weight|weights|kernel)$", "").replaceFirst("[._](MatMul|Gemm)$", "");
    }

    /** The scopes are a Python list printed as text; the innermost one with a block in it is the weight's module. */
    private static Optional<LayerName> inScopes(NodeProto node) {
        for (StringStringEntryProto entry : node.getMetadataPropsList()) {
            if (entry.getKey().equals(SCOPES)) {
                Optional<LayerName> found = Optional.empty();
                Matcher scope = QUOTED.matcher(entry.getValue());
                while (scope.find()) {
                    Optional<LayerName> inner = inText(scope.group(1) != null ? scope.group(1) : scope.group(2));
                    found = inner.isPresent() ? inner : found;
                }
                return found;
            }
        }
        return Optional.empty();
    }
}
