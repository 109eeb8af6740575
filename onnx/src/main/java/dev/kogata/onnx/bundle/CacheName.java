package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.PortableCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the name of a cache input or output says: {@code past_key_values.3.key}, {@code present.3.value}, {@code past_key_3}. */
final class CacheName {
    private static final Pattern PAST = Pattern.compile("past|cache", Pattern.CASE_INSENSITIVE);
    private static final Pattern PRESENT = Pattern.compile("present|past|cache", Pattern.CASE_INSENSITIVE);
    private static final Pattern NUMBER = Pattern.compile("(\\d{1,5})(?!.*\\d)");
    private static final Pattern KEY = Pattern.compile("(^|[._])(key|k)([._]|$)", Pattern.CASE_INSENSITIVE);
    private static final Pattern VALUE = Pattern.compile("(^|[._])(value|v)([._]|$)", Pattern.CASE_INSENSITIVE);

    private CacheName() {}

    /** One side of a block's cache, by names and ranks alone. */
    record Pair(int layer, boolean key, String input, String output) {}

    /** Every cache input that has an output of the same block and side, in order of the inputs. */
    static List<Pair> pairs(GraphProto graph) {
        List<Pair> pairs = new ArrayList<>();
        for (ValueInfoProto input : graph.getInputList()) {
            Optional<Pair> in = parse(input, PAST);
            if (in.isEmpty()) {
                continue;
            }
            for (ValueInfoProto output : graph.getOutputList()) {
                Optional<Pair> out = parse(output, PRESENT).filter(o -> o.layer() == in.get().layer() && o.key() == in.get().key());
                if (out.isPresent()) {
                    pairs.add(new Pair(in.get().layer(), in.get().key(), input.getName(), output.getName()));
                    break;
                }
            }
        }
        return pairs;
    }

    private static Optional<Pair> parse(ValueInfoProto value, Pattern kind) {
        String name = value.getName();
        Matcher number = NUMBER.matcher(name);
        // "past_key_values.3.value": the prefix names both sides, so only what follows it counts.
        String side = name.replaceFirst("(?i)(past_)?key_values?", "");
        boolean key = KEY.matcher(side).find();
        boolean rank4 = value.getType().getTensorType().getShape().getDimCount() == 4;
        // Scales and minima that stand beside a packed cache belong to it.
        if (!rank4 || name.endsWith(PortableCache.SCALE_SUFFIX) || !kind.matcher(name).find() || !number.find() || key == VALUE.matcher(side).find()) {
            return Optional.empty();
        }
        return Optional.of(new Pair(Integer.parseInt(number.group(1)), key, name, ""));
    }
}
