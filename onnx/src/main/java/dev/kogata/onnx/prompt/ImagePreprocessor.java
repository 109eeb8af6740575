package dev.kogata.onnx.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.core.RefusedInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * The bundle's {@code preprocessor_config.json}, for the processors that make one image of one fixed size: resize, centre
 * crop, rescale, normalize, in this order, as Hugging Face's CLIPImageProcessor and its relatives do. Immutable.
 */
public final class ImagePreprocessor {
    private static final String UNSUPPORTED = "PREPROCESSOR_UNSUPPORTED";
    private static final int LARGEST_SIDE = 4096;
    /** Known processors of one image of fixed size, and the filter each takes where none is given. */
    private static final Map<String, Resampling> KNOWN = Map.of("CLIPImageProcessor", Resampling.BICUBIC, "CLIPFeatureExtractor", Resampling.BICUBIC,
            "SiglipImageProcessor", Resampling.BICUBIC, "LlavaImageProcessor", Resampling.BICUBIC, "BlipImageProcessor", Resampling.BICUBIC,
            "BitImageProcessor", Resampling.BICUBIC, "DeiTImageProcessor", Resampling.BICUBIC, "ViTImageProcessor", Resampling.BILINEAR, "ViTFeatureExtractor", Resampling.BILINEAR);
    private static final Set<String> UNSUPPORTED_STEPS = Set.of("do_pad", "do_image_splitting", "do_pan_and_scan");

    private final Resampling resampling;
    private final boolean resize, crop, rescale, normalize;
    private final JsonNode size, cropSize;
    private final double factor;
    private final float[] mean, deviation;

    private ImagePreprocessor(JsonNode config) {
        for (String step : UNSUPPORTED_STEPS) {
            require(!config.path(step).asBoolean(), "it asks for " + step);
        }
        // Fast twins of a processor differ in how they compute, not in what.
        String type = config.path("image_processor_type").asText(config.path("feature_extractor_type").asText("CLIPImageProcessor")).replaceFirst("Fast$", "");
        require(KNOWN.containsKey(type), "images would be prepared by " + (type.matches("\\w{1,60}") ? type : "something else") + ", of which Kogata knows only those for one image of one size");
        int filter = config.path("resample").asInt(KNOWN.get(type).ordinal());
        require(filter >= 0 && filter < Resampling.values().length, "resample is " + filter);
        resampling = Resampling.of(filter);
        resize = config.path("do_resize").asBoolean(true);
        crop = config.path("do_center_crop").asBoolean(type.startsWith("CLIP"));
        rescale = config.path("do_rescale").asBoolean(true);
        normalize = config.path("do_normalize").asBoolean(true);
        size = config.path("size");
        cropSize = config.path("crop_size");
        factor = config.path("rescale_factor").asDouble(1 / 255.);
        mean = numbers(config, "image_mean");
        deviation = numbers(config, "image_std");
        if (resize) {
            size(size, 1, 1);
        }
        if (crop) {
            size(cropSize, 1, 1);
        }
    }

    /** @throws RefusedInput PREPROCESSOR_UNSUPPORTED */
    public static ImagePreprocessor open(Path bundle) throws IOException {
        JsonNode config = ConfigFile.json(bundle, "preprocessor_config.json", UNSUPPORTED);
        require(config.isObject(), "it has none (preprocessor_config.json)");
        return new ImagePreprocessor(config);
    }

    /** Prepares one image. */
    public Pixels pixels(BufferedImage image) {
        RgbImage rgb = RgbImage.of(image);
        if (resize) {
            int[] to = size(size, rgb.height(), rgb.width());
            rgb = new RgbImage(resampling.resize(rgb.values(), rgb.height(), rgb.width(), RgbImage.CHANNELS, to[0], to[1]), to[0], to[1]);
        }
        int[] out = crop ? size(cropSize, rgb.height(), rgb.width()) : new int[] {rgb.height(), rgb.width()};
        int height = out[0], width = out[1], top = Math.floorDiv(rgb.height() - height, 2), left = Math.floorDiv(rgb.width() - width, 2);
        float[] values = new float[RgbImage.CHANNELS * height * width];
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int fromY = y + top, fromX = x + left;
                    // A crop larger than the image is filled with black.
                    boolean inside = fromY >= 0 && fromX >= 0 && fromY < rgb.height() && fromX < rgb.width();
                    int value = inside ? rgb.values()[(fromY * rgb.width() + fromX) * RgbImage.CHANNELS + c] & 0xff : 0;
                    float scaled = rescale ? (float) (value * factor) : value;
                    values[(c * height + y) * width + x] = normalize ? (scaled - mean[c]) / deviation[c] : scaled;
                }
            }
        }
        return new Pixels(FloatBuffer.wrap(values), RgbImage.CHANNELS, height, width);
    }

    /** (height, width) that a size asks for: both, one for both, or the shorter edge. */
    private int[] size(JsonNode node, int height, int width) {
        if (node.path("height").isInt() && node.path("width").isInt()) {
            return checked(node.get("height").intValue(), node.get("width").intValue());
        }
        JsonNode shortest = node.isInt() && node == size ? node : node.path("shortest_edge");
        if (shortest.isInt()) {
            int edge = shortest.intValue();
            checked(edge, edge);
            int longer = (int) Math.min(LARGEST_SIDE, (long) edge * Math.max(height, width) / Math.min(height, width));
            return height <= width ? checked(edge, longer) : checked(longer, edge);
        }
        require(node.isInt(), "its sizes are neither height and width nor shortest_edge");
        return checked(node.intValue(), node.intValue());
    }

    private static int[] checked(int height, int width) {
        require(height > 0 && width > 0 && height <= LARGEST_SIDE && width <= LARGEST_SIDE, "it makes images of %d x %d".formatted(height, width));
        return new int[] {height, width};
    }

    private float[] numbers(JsonNode config, String name) {
        float[] numbers = new float[RgbImage.CHANNELS];
        for (int c = 0; normalize && c < numbers.length; c++) {
            JsonNode number = config.path(name).isArray() ? config.path(name).path(c) : config.path(name);
            require(number.isNumber() && (name.equals("image_mean") || number.doubleValue() != 0), name + " does not have three numbers");
            numbers[c] = number.floatValue();
        }
        return numbers;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new RefusedInput(UNSUPPORTED, "The bundle's image preprocessor cannot be used: " + otherwise + ".");
        }
    }
}
