package dev.kogata.onnx.selfcalibration;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleMaker.Rows;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.Sessions;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Makes calibration data of a model itself, where its user has none: what the user says is drawn from the model after what its chat template
 * puts before a user's words (Magpie, arXiv 2406.08464), or as {@link Opening} says; what the assistant answers is the model's likeliest answer
 * (self-calibration, arXiv 2410.17170; here with pictures, {@link DeadLeaves}, before most first questions). Such data tells how near a compressed model stays to the original on what the original says by
 * itself, not on anybody's work. The same seed gives the same data where ONNX Runtime computes the same. Runs the bundle's graphs, so only in a
 * worker. Not safe for use by several threads.
 */
public final class SelfCalibration implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PICTURE_SIDE = 224;
    private static final int MOST_TURNS = 3;
    private static final int FEWEST_WORDS = 3, MOST_WORDS = 10;
    private static final int QUESTION_TOKENS = 32, ANSWER_TOKENS = 48;
    /** Conversations of which nothing can be used are tried again, until so many were begun for each that is wanted. */
    private static final int TRIES = 4;

    private final SampleMaker maker;
    private final OrtSession session;
    private final DecoderInputs inputs;
    private final int vocabulary;
    private final DeadLeaves leaves = new DeadLeaves(PICTURE_SIDE);

    private SelfCalibration(SampleMaker maker, OrtSession session, int headSize) throws OrtException {
        this.maker = maker;
        this.session = session;
        inputs = DecoderInputs.of(Sessions.environment(), session, headSize);
        long[] logits = ((TensorInfo) session.getOutputInfo().get("logits").getInfo()).getShape();
        vocabulary = (int) logits[logits.length - 1];
    }

    /**
     * @param threads given to ONNX Runtime
     * @throws RefusedInput TOKENIZER_UNKNOWN, CHAT_TEMPLATE_INVALID, PREPROCESSOR_UNSUPPORTED, LAYOUT_UNKNOWN
     */
    public static SelfCalibration open(Bundle bundle, int threads) throws IOException, OrtException {
        SampleMaker maker = SampleMaker.open(bundle, threads);
        OrtSession session = null;
        try {
            session = Sessions.open(bundle.decoder().orElseThrow().path(), threads);
            return new SelfCalibration(maker, session, bundle.cacheLayers().stream().mapToInt(layer -> layer.headSize()).findFirst().orElse(0));
        } catch (OrtException | RuntimeException e) {
            if (session != null) {
                session.close();
            }
            maker.close();
            throw e;
        }
    }

    /**
     * Writes a dataset: {@code self-calibration.jsonl} and its pictures.
     *
     * @param folder an empty one
     * @param conversations how many to make; no two of them are the same
     * @param progress hears which share is made
     * @throws RefusedInput DATASET_TOO_SMALL where the model does not say enough of its own
     */
    public void write(Path folder, int conversations, RandomGenerator random, DoubleConsumer progress) throws IOException, OrtException {
        Files.createDirectories(folder.resolve("images"));
        Set<List<Message>> whole = new LinkedHashSet<>(), cutShort = new LinkedHashSet<>();
        Beginnings beginnings = new Beginnings(maker.sees());
        int begun = 0;
        for (; whole.size() < conversations && begun < TRIES * conversations; begun++) {
            progress.accept(Math.max((double) whole.size() / conversations, (double) begun / (TRIES * conversations)));
            Beginnings.Way way = beginnings.next();
            Optional<BufferedImage> picture = way.scene == Beginnings.Scene.NONE ? Optional.empty() : Optional.of(leaves.picture(way.scene.fewest, way.scene.most, random));
            Talk talk = converse(picture, "images/%05d.png".formatted(begun), way.opening, random);
            way.count(talk.finished());
            if (!talk.messages().isEmpty() && (talk.finished() ? whole : cutShort).add(talk.messages()) && talk.hasPicture()) {
                ImageIO.write(picture.orElseThrow(), "png", folder.resolve("images/%05d.png".formatted(begun)).toFile());
            }
        }
        // Long answers are better than none, though they can never be exact: the model did not end them where they end.
        List<List<Message>> taken = Stream.concat(whole.stream(), cutShort.stream()).limit(conversations).toList();
        if (taken.size() < conversations) {
            throw new RefusedInput("DATASET_TOO_SMALL", "There is no calibration data, and the model's own samples do not do instead: of %d that it began only %d can be used and differ; give calibration data."
                    .formatted(begun, taken.size()));
        }
        write(folder, taken);
    }

    private static void write(Path folder, List<List<Message>> conversations) throws IOException {
        Set<String> pictures = new HashSet<>();
        try (BufferedWriter lines = Files.newBufferedWriter(folder.resolve("self-calibration.jsonl"))) {
            for (int i = 0; i < conversations.size(); i++) {
                conversations.get(i).get(0).parts().forEach(part -> pictures.add(part instanceof Part.Picture picture ? picture.path() : ""));
                lines.write(JSON.writeValueAsString(line("self-%05d".formatted(i), conversations.get(i))));
                lines.write('\n');
            }
        }
        try (Stream<Path> written = Files.list(folder.resolve("images"))) {
            for (Path picture : written.filter(path -> !pictures.contains("images/" + path.getFileName())).toList()) {
                Files.delete(picture);
            }
        }
    }

    /**
     * A conversation.
     *
     * @param messages none where the model said nothing
     * @param finished whether the model said something, and ended each of its answers itself
     */
    private record Talk(List<Message> messages, boolean finished) {

        boolean hasPicture() {
            return messages.get(0).parts().size() > 1;
        }
    }

    private Talk converse(Optional<BufferedImage> picture, String path, Opening opening, RandomGenerator random) throws OrtException {
        List<Part.Picture> pictures = new ArrayList<>();
        List<float[]> features = new ArrayList<>();
        // A template that has no place for pictures is asked without.
        if (picture.isPresent() && maker.prompts().imageTokens(maker.prompts().around(List.of(), List.of(new Part.Picture(path, ""))).before()) == 1) {
            pictures.add(new Part.Picture(path, ""));
            features.add(maker.features(picture.get()));
        }
        List<Message> messages = new ArrayList<>();
        boolean finished = true;
        for (int turns = random.nextInt(1, MOST_TURNS + 1); turns > 0 && finished; turns--) {
            PromptEncoder.Surroundings around = maker.prompts().around(messages, messages.isEmpty() ? pictures : List.of());
            Optional<Words> question = switch (opening) {
                case USER -> said(around.before(), features, QUESTION_TOKENS, around.after(), new Drawn(random));
                case ANSWER -> said(around.before() + around.after(), features, QUESTION_TOKENS, around.after(), new Drawn(random));
                case VOCABULARY -> words(random);
            };
            if (question.isEmpty()) {
                break;
            }
            List<Part> parts = new ArrayList<>(messages.isEmpty() ? pictures : List.of());
            parts.add(new Part.Text(question.get().text()));
            List<Message> asked = new ArrayList<>(messages);
            asked.add(new Message(Role.USER, parts));
            Optional<Words> answer = said(maker.prompts().introduction(asked), features, ANSWER_TOKENS, "", new Likeliest());
            if (answer.isEmpty()) {
                break;
            }
            asked.add(new Message(Role.ASSISTANT, List.of(new Part.Text(answer.get().text()))));
            messages = asked;
            finished = answer.get().finished();
        }
        return new Talk(messages, finished && !messages.isEmpty());
    }

    /** A few tokens, each as likely as any other. */
    private Optional<Words> words(RandomGenerator random) {
        long[] tokens = random.longs(random.nextInt(FEWEST_WORDS, MOST_WORDS + 1), 0, vocabulary).filter(token -> !maker.prompts().isMark(token)).toArray();
        return usable(maker.tokenizer().decode(tokens), "", true);
    }

    /** What was said, and whether the model ended it itself. */
    private record Words(String text, boolean finished) {
    }

    /** What the model says next; empty where that is nothing, or no text that could stand in a dataset. */
    private Optional<Words> said(String before, List<float[]> features, int most, String closing, NextToken choice) throws OrtException {
        Rows opening = maker.rows(before, features);
        PromptEncoder prompts = maker.prompts();
        int room = (int) Math.min(most, (long) prompts.contextTokens() - opening.tokens().length);
        if (room < 1) {
            return Optional.empty();
        }
        boolean finished = false;
        try (Continuation text = new Continuation(session, inputs, maker, opening, room)) {
            while (!finished && text.hasRoom()) {
                boolean first = text.following().length == 0;
                long token = choice.of(text.logits(), candidate -> !first || !prompts.isMark(candidate));
                finished = prompts.isMark(token);
                if (!finished) {
                    text.append(token);
                }
            }
            return usable(prompts.tokenizer().decode(text.following()), closing, finished);
        }
    }

    private Optional<Words> usable(String text, String closing, boolean finished) {
        String end = closing.strip().lines().findFirst().orElse("");
        int at = end.isEmpty() ? -1 : text.indexOf(end);
        // Bytes that are no letter come out as the replacement character; what is left of them says nothing.
        String words = (at < 0 ? text : text.substring(0, at)).replaceAll("[\\p{Cntrl}\ufffd]+", " ").strip();
        boolean plain = Arrays.stream(maker.tokenizer().encode(words)).noneMatch(maker.prompts()::isMark);
        return words.isEmpty() || !plain ? Optional.empty() : Optional.of(new Words(words, finished || at >= 0));
    }

    private static ObjectNode line(String id, List<Message> messages) {
        ObjectNode line = JSON.createObjectNode().put("id", id);
        ArrayNode all = line.putArray("messages");
        for (Message message : messages) {
            ArrayNode content = all.addObject().put("role", message.role().text()).putArray("content");
            for (Part part : message.parts()) {
                if (part instanceof Part.Picture picture) {
                    content.addObject().put("type", "image").put("image", picture.path());
                } else {
                    content.addObject().put("type", "text").put("text", ((Part.Text) part).text());
                }
            }
        }
        return line;
    }

    @Override
    public void close() throws OrtException {
        session.close();
        maker.close();
    }
}
