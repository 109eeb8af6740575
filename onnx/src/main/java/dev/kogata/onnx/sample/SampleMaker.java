package dev.kogata.onnx.sample;

import ai.onnxruntime.OrtException;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.prompt.ImagePreprocessor;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.prompt.Prompt;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.prompt.Tokenizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Prepares conversations for one bundle: its chat template and tokenizer, its vision encoder on every picture, its token
 * embeddings, features put in place of the image tokens. Where the vision encoder is compressed too, samples keep their pictures. Runs the bundle's graphs, so only in a worker. Not safe for use
 * by several threads.
 */
public final class SampleMaker implements AutoCloseable {
    private final PromptEncoder prompts;
    private final ImagePreprocessor images;
    private final FeatureSession vision;
    private final FeatureSession projector;
    private final FeatureSession embedding;
    private final int hidden;
    private final boolean keepsPictures;

    private SampleMaker(Bundle bundle, PromptEncoder prompts, int threads) throws IOException, OrtException {
        this.prompts = prompts;
        hidden = bundle.hiddenSize();
        keepsPictures = bundle.sees();
        boolean sees = bundle.model(Kind.VISION_ENCODER).isPresent() && hidden > 0;
        images = sees ? ImagePreprocessor.open(bundle.root()) : null;
        vision = sees ? FeatureSession.open(bundle.model(Kind.VISION_ENCODER).orElseThrow().path(), threads) : null;
        projector = sees && bundle.model(Kind.PROJECTOR).isPresent() ? FeatureSession.open(bundle.model(Kind.PROJECTOR).orElseThrow().path(), threads) : null;
        embedding = hidden > 0 ? FeatureSession.open(bundle.model(Kind.EMBED_TOKENS)
                .orElseThrow(() -> new RefusedInput("LAYOUT_UNKNOWN", "The decoder takes embeddings, but the bundle has no graph that makes them from tokens.")).path(), threads) : null;
    }

    /**
     * @param threads given to ONNX Runtime
     * @throws RefusedInput TOKENIZER_UNKNOWN, CHAT_TEMPLATE_INVALID, PREPROCESSOR_UNSUPPORTED, LAYOUT_UNKNOWN
     */
    public static SampleMaker open(Bundle bundle, int threads) throws IOException, OrtException {
        PromptEncoder prompts = PromptEncoder.open(bundle.root());
        try {
            return new SampleMaker(bundle, prompts, threads);
        } catch (IOException | OrtException | RuntimeException e) {
            prompts.close();
            throw e;
        }
    }

    /** The bundle's tokenizer; closed with this. */
    public Tokenizer tokenizer() {
        return prompts.tokenizer();
    }

    /** The bundle's chat template with its tokens; closed with this. */
    public PromptEncoder prompts() {
        return prompts;
    }

    /** Whether the bundle has what turns pictures into rows of the decoder's input. */
    public boolean sees() {
        return vision != null;
    }

    /**
     * What the decoder receives for a text.
     *
     * @param tokens (tokens), image tokens repeated
     * @param embeddings (tokens, hidden); empty where the decoder takes token ids itself
     * @param hidden width of an embedding; 0 where there are none
     */
    public record Rows(long[] tokens, FloatBuffer embeddings, int hidden) {
    }

    /**
     * A rendered text with its pictures' features in place.
     *
     * @param features of {@link #features} for each image token of the text, in order
     */
    public Rows rows(String text, List<float[]> features) throws OrtException {
        Prompt prompt = prompts.encode(text, imageRows(features));
        return new Rows(prompt.tokens(), embeddings(prompt, features), hidden);
    }

    /** What the decoder receives for one token that stands for text. */
    public Rows row(long token) throws OrtException {
        long[] tokens = {token};
        return new Rows(tokens, FloatBuffer.wrap(hidden == 0 ? new float[0] : embedding.tokens(tokens, new float[0], hidden)), hidden);
    }

    /**
     * Features (rows, hidden) of a picture.
     *
     * @throws RefusedInput MODEL_UNSUPPORTED
     */
    public float[] features(BufferedImage picture) throws OrtException {
        return features(images.pixels(picture));
    }

    private float[] features(Pixels pixels) throws OrtException {
        float[] seen = vision.image(pixels);
        float[] features = projector == null ? seen : projector.features(seen);
        if (features.length % hidden != 0) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "The vision encoder returns %d values for a picture, which are no rows of the decoder's %d channels.".formatted(features.length, hidden));
        }
        return features;
    }

    /**
     * Prepares one conversation of a dataset.
     *
     * @throws RefusedInput DATASET_LINE_INVALID, IMAGE_UNREADABLE, CHAT_TEMPLATE_INVALID, MODEL_UNSUPPORTED
     */
    public Sample make(Dataset dataset, Conversation conversation) throws IOException, OrtException {
        List<float[]> features = new ArrayList<>();
        List<Pixels> shown = new ArrayList<>();
        for (Part.Picture picture : conversation.pictures()) {
            if (vision == null) {
                throw new RefusedInput("DATASET_LINE_INVALID", "Line %d of the dataset has a picture, but the model sees none.".formatted(conversation.line()),
                        Map.of("line", Integer.toString(conversation.line())));
            }
            Pixels pixels = images.pixels(dataset.picture(conversation, picture));
            features.add(features(pixels));
            shown.add(pixels);
        }
        Prompt prompt = prompts.encode(conversation, imageRows(features));
        FloatBuffer embeddings = embeddings(prompt, features);
        return new Sample(conversation.id(), prompt.tokens(), embeddings, hidden, prompt.answerPositions(), prompt.answerTokens(), prompt.answerTurns(),
                conversation.tags(), prompt.questions(), prompt.answers(), !features.isEmpty(), conversation.picturesByTurn(), keepsPictures ? shown : List.of(),
                keepsPictures ? IntStream.range(0, prompt.tokens().length).filter(t -> prompt.images()[t]).toArray() : new int[0]);
    }

    private List<Integer> imageRows(List<float[]> features) {
        return features.stream().map(feature -> feature.length / hidden).toList();
    }

    private FloatBuffer embeddings(Prompt prompt, List<float[]> features) throws OrtException {
        if (hidden == 0) {
            return FloatBuffer.allocate(0);
        }
        FloatBuffer rows = FloatBuffer.allocate(features.stream().mapToInt(feature -> feature.length).sum());
        features.forEach(rows::put);
        float[] embeddings = embedding.tokens(prompt.tokens(), rows.array(), hidden);
        for (int t = 0, row = 0; t < prompt.tokens().length; t++) {
            if (prompt.images()[t]) {
                System.arraycopy(rows.array(), row++ * hidden, embeddings, t * hidden, hidden);
            }
        }
        return FloatBuffer.wrap(embeddings);
    }

    @Override
    public void close() throws OrtException {
        prompts.close();
        for (FeatureSession session : new FeatureSession[] {vision, projector, embedding}) {
            if (session != null) {
                session.close();
            }
        }
    }
}
