package dev.kogata.onnx.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.tree.TagNode;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jinjava.javax.el.CompositeELResolver;

/**
 * The bundle's chat template, rendered as Hugging Face's {@code apply_chat_template} renders it. Templates are untrusted:
 * they reach nothing but the messages, and their output and their time are bounded. Safe for use by several threads.
 */
final class ChatTemplate {
    private static final int MAXIMUM_OUTPUT = 16 << 20;
    private static final Duration LONGEST = Duration.ofSeconds(10);
    /** Words that no template has of its own. */
    static final String PROBE = "probe of content";
    private final Jinjava jinjava;
    private final String template;
    private final Map<String, String> tokens;
    private final String imageText;
    private final Duration longest;
    /** When the rendering of this thread has to be over, by the monotonic clock. */
    private final ThreadLocal<Long> deadline = new ThreadLocal<>();
    private final boolean takesParts;

    /** Raised by templates themselves, about messages they do not accept. */
    static final class Raised extends RuntimeException {
        Raised(String message) {
            super(message);
        }
    }

    /** Loops may be nested and print nothing: neither what a template puts out nor its depth says how long it takes. */
    private final class TimedFor extends ForTag {
        @Override
        public String renderForCollection(TagNode tag, JinjavaInterpreter interpreter, List<String> variables, Object collection) {
            if (System.nanoTime() - deadline.get() > 0) {
                throw new TooLong();
            }
            return super.renderForCollection(tag, interpreter, variables, collection);
        }
    }

    private static final class TooLong extends RuntimeException {
    }

    private ChatTemplate(String template, Map<String, String> tokens, String imageText, Duration longest) {
        CompositeELResolver resolver = new CompositeELResolver();
        resolver.add(new PythonStrings());
        resolver.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
        // Python's Jinja in all that can be chosen; blocks trimmed as transformers does. Nested interpretation would run what stands in messages.
        jinjava = new Jinjava(JinjavaConfig.newBuilder().withTrimBlocks(true).withLstripBlocks(true).withKeepTrailingNewline(true)
                .withNestedInterpretationEnabled(false).withMaxOutputSize(MAXIMUM_OUTPUT).withMaxRenderDepth(20).withElResolver(resolver)
                .withLegacyOverrides(LegacyOverrides.newBuilder().withEvaluateMapKeys(true).withIterateOverMapKeys(true)
                        .withUseNaturalOperatorPrecedence(true).withParseWhitespaceControlStrictly(true).withAllowAdjacentTextNodes(true)
                        .withUseTrimmingForNotesAndExpressions(true).withKeepNullableLoopValues(true).withHandleBackslashInQuotesOnly(true).build())
                .build());
        jinjava.registerFunction(new ELFunctionDefinition("", "raise_exception", ChatTemplate.class, "raise", String.class));
        jinjava.registerTag(new TimedFor());
        this.longest = longest;
        this.template = template;
        this.tokens = tokens;
        this.imageText = imageText;
        takesParts = takesParts();
    }

    /**
     * @param imageText the image token's text, for templates that know only texts
     * @throws RefusedInput CHAT_TEMPLATE_INVALID
     */
    static ChatTemplate open(Path bundle, String imageText) throws IOException {
        return open(bundle, imageText, LONGEST);
    }

    /** @param longest that rendering one conversation may take */
    static ChatTemplate open(Path bundle, String imageText, Duration longest) throws IOException {
        JsonNode config = ConfigFile.json(bundle, "tokenizer_config.json", "CHAT_TEMPLATE_INVALID");
        Optional<String> template = ConfigFile.text(bundle, "chat_template.jinja", "CHAT_TEMPLATE_INVALID")
                .or(() -> named(config.path("chat_template")));
        if (template.isEmpty()) {
            template = named(ConfigFile.json(bundle, "chat_template.json", "CHAT_TEMPLATE_INVALID").path("chat_template"));
        }
        if (template.isEmpty()) {
            throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle has no chat template; put it in chat_template.jinja, or as chat_template into tokenizer_config.json.");
        }
        Map<String, String> tokens = new HashMap<>();
        for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
            JsonNode token = config.path(name);
            if (token.isTextual() || token.path("content").isTextual()) {
                tokens.put(name, token.isTextual() ? token.textValue() : token.get("content").textValue());
            }
        }
        // Jinja drops one newline at a template's end. A generation block only marks the answer, for training masks.
        String text = template.get().replaceFirst("\r?\n\\z", "")
                .replaceAll("\\{%(-?)\\s*generation\\s*(-?)%}", "{%$1 if true $2%}").replaceAll("\\{%(-?)\\s*endgeneration\\s*(-?)%}", "{%$1 endif $2%}");
        return new ChatTemplate(text, Map.copyOf(tokens), imageText, longest);
    }

    /** A template given as text, or as a list of named ones. */
    private static Optional<String> named(JsonNode node) {
        if (node.isTextual()) {
            return Optional.of(node.textValue());
        }
        for (JsonNode entry : node) {
            if (entry.path("name").asText().equals("default") && entry.path("template").isTextual()) {
                return Optional.of(entry.get("template").textValue());
            }
        }
        return Optional.empty();
    }

    /**
     * The messages as text.
     *
     * @param forAnswer whether what introduces an assistant's answer follows
     * @throws Raised where the template does not accept the messages
     */
    String render(List<Message> messages, boolean forAnswer) {
        return rendered(messages.stream().map(message -> Map.of("role", message.role().text(), "content", content(message))).toList(), forAnswer);
    }

    private Object content(Message message) {
        if (!takesParts) {
            StringBuilder text = new StringBuilder();
            for (Part part : message.parts()) {
                text.append(part instanceof Part.Text t ? t.text() : imageText + "\n");
            }
            return text.toString();
        }
        List<Map<String, String>> parts = new ArrayList<>();
        for (Part part : message.parts()) {
            parts.add(part instanceof Part.Text text ? Map.of("type", "text", "text", text.text()) : Map.of("type", "image"));
        }
        return parts;
    }

    /** Some templates want a message's content as a list of parts, some as one text: the list is tried first. */
    private boolean takesParts() {
        Message probe = new Message(Role.USER, List.of(new Part.Text(PROBE)));
        try {
            String rendered = rendered(List.of(Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", PROBE)))), true);
            if (rendered.contains(PROBE) && !rendered.contains("type")) {
                return true;
            }
        } catch (Raised | RefusedInput e) {
            // A template that adds content to text cannot render a list: the second probe decides.
        }
        String rendered;
        try {
            rendered = rendered(List.of(Map.of("role", "user", "content", probe.text())), true);
        } catch (Raised e) {
            throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template does not accept a plain question.");
        }
        if (!rendered.contains(PROBE)) {
            throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template leaves out what the user says.");
        }
        return false;
    }

    private String rendered(List<?> messages, boolean forAnswer) {
        Map<String, Object> variables = new HashMap<>(tokens);
        variables.put("messages", messages);
        variables.put("add_generation_prompt", forAnswer);
        deadline.set(System.nanoTime() + longest.toNanos());
        RenderResult result = jinjava.renderForResult(template, variables);
        for (TemplateError error : result.getErrors()) {
            for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
                if (cause instanceof Raised raised) {
                    throw raised;
                }
                if (cause instanceof TooLong) {
                    throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template takes longer than " + longest.toSeconds() + " s for one conversation.");
                }
            }
            if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
                throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template cannot be rendered (line %d, %s).".formatted(error.getLineno(), error.getReason()));
            }
        }
        return result.getOutput();
    }

    /** Called by templates. */
    public static String raise(String message) {
        throw new Raised(message);
    }
}
