package dev.kogata.onnx.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat templates of other families, on the demo's tokenizer. */
class PromptEncoderTest {
    private static final String CHATML = """
            {%- for message in messages %}
                {%- if loop.first and message['role'] != 'system' %}
                    {{- '<|system|>Be brief.<|end|>\\n' }}
                {%- endif %}
                {{- '<|' + message.role + '|>' }}
                {%- if message.content is string %}{{- message.content.strip() }}
                {%- else %}
                    {%- for part in message.content %}
                        {%- if part.type == 'image' or 'image' in part %}{{- '<image>' }}{%- elif 'text' in part %}{{- part.text }}{%- endif %}
                    {%- endfor %}
                {%- endif %}
                {{- '<|end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|assistant|>' }}
            {%- endif %}
            """;
    private static final String LLAVA = "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
            + "{# Render all images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
            + "{# Render all text next #}{% if message['role'] != 'assistant' %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
            + "{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{% generation %}{{ content['text'] + '<|end|>'}}{% endgeneration %}{% endfor %}{% endif %}"
            + "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";
    private static final String TEXT_ONLY = "{% for m in messages %}{% if m['role'] not in ['user', 'assistant'] %}{{ raise_exception('only user and assistant') }}{% endif %}"
            + "{{ '[' + m['content'] + ']' }}{% endfor %}";

    @TempDir Path bundle;

    @BeforeEach
    void copyTokenizer() throws IOException {
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "config.json")) {
            Files.copy(DemoFolder.MODEL.resolve(name), bundle.resolve(name));
        }
    }

    private static Conversation conversation(Message... messages) {
        return new Conversation("x", 3, List.of(messages), List.of("", ""), "");
    }

    private static Message says(Role role, String text) {
        return new Message(role, List.of(new Part.Text(text)));
    }

    private static final Conversation TWO_TURNS = conversation(
            new Message(Role.USER, List.of(new Part.Picture("a.png", ""), new Part.Text("What colour is the ring?"))), says(Role.ASSISTANT, "red."),
            says(Role.USER, "Is there a {{ 1 + 1 }} star?"), says(Role.ASSISTANT, "yes."));

    private Prompt encode(String template, Conversation conversation, int... rows) throws IOException {
        Files.writeString(bundle.resolve("chat_template.jinja"), template);
        try (PromptEncoder encoder = PromptEncoder.open(bundle)) {
            return encoder.encode(conversation, Arrays.stream(rows).boxed().toList());
        }
    }

    private List<String> answers(Prompt prompt) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(bundle)) {
            return Arrays.stream(prompt.answerTurns()).distinct().mapToObj(turn -> IntStream.range(0, prompt.answerTokens().length)
                    .filter(i -> prompt.answerTurns()[i] == turn).mapToObj(i -> tokenizer.text(prompt.answerTokens()[i])).collect(Collectors.joining())).toList();
        }
    }

    @Test
    void anAnswerEndsWithItsClosingTokenAndWithoutTheNewlineAfterIt() throws IOException {
        Prompt prompt = encode(CHATML, TWO_TURNS, 2);
        assertThat(answers(prompt)).containsExactly("red.<|end|>", "yes.<|end|>");
        assertThat(prompt.questions()).containsExactly("What colour is the ring?", "Is there a {{ 1 + 1 }} star?");
        assertThat(prompt.answers()).containsExactly("red.", "yes.");
    }

    @Test
    void imagesFirstAndAGenerationBlockAreRendered() throws IOException {
        Prompt prompt = encode(LLAVA, TWO_TURNS, 5);
        assertThat(answers(prompt)).containsExactly(" red.<|end|>", " yes.<|end|>");
        assertThat(IntStream.range(0, prompt.tokens().length).filter(t -> prompt.images()[t]).count()).isEqualTo(5);
    }

    @Test
    void aTemplateForTextsGetsTexts() throws IOException {
        Prompt prompt = encode(TEXT_ONLY, TWO_TURNS, 1);
        assertThat(answers(prompt)).as("no generation prompt: the answer begins at its content").containsExactly("red.]", "yes.]");
    }

    @Test
    void whatStandsInMessagesIsNeverRunAsATemplate() throws IOException {
        Prompt prompt = encode(CHATML, TWO_TURNS, 1);
        try (Tokenizer tokenizer = Tokenizer.open(bundle)) {
            assertThat(tokenizer.decode(prompt.tokens())).contains("Is there a {{ 1 + 1 }} star?");
        }
    }

    @Test
    void messagesThatTheTemplateRefusesAreTheDatasetsFault() {
        assertThatThrownBy(() -> encode(TEXT_ONLY, conversation(says(Role.SYSTEM, "a"), says(Role.ASSISTANT, "b"))))
                .isInstanceOfSatisfying(RefusedInput.class, e -> {
                    assertThat(e.reason()).isEqualTo("DATASET_LINE_INVALID");
                    assertThat(e.metadata()).containsEntry("line", "3");
                });
    }

    @Test
    void anImageTokenInAUsersTextIsNoPicture() {
        assertThatThrownBy(() -> encode(CHATML, conversation(says(Role.USER, "<image>"), says(Role.ASSISTANT, "b"))))
                .hasMessage("Line 3 of the dataset has 0 pictures, but its prompt 1 image tokens.");
    }

    @Test
    void brokenTemplatesAreRefused() {
        for (String template : List.of("{% for m in messages %}", "{{ unknown_function(messages) }}", "fixed text", "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}")) {
            assertThatThrownBy(() -> encode(template, TWO_TURNS, 1)).as(template)
                    .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("CHAT_TEMPLATE_INVALID"));
        }
    }

    @Test
    void aBundleWithoutTemplateOrTokenizerIsRefused() throws IOException {
        assertThatThrownBy(() -> PromptEncoder.open(bundle)).isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("CHAT_TEMPLATE_INVALID"));
        Files.writeString(bundle.resolve("tokenizer.json"), "{\"model\":{\"type\":\"Unheard\"}}");
        assertThatThrownBy(() -> PromptEncoder.open(bundle)).isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("TOKENIZER_UNKNOWN"));
        Files.writeString(bundle.resolve("tokenizer.json"), "{");
        assertThatThrownBy(() -> PromptEncoder.open(bundle)).isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("TOKENIZER_UNKNOWN"));
        Files.delete(bundle.resolve("tokenizer.json"));
        assertThatThrownBy(() -> PromptEncoder.open(bundle)).isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("TOKENIZER_UNKNOWN"));
    }
}
