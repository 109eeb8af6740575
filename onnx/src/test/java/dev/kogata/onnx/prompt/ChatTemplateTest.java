package dev.kogata.onnx.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat templates of strangers take their time, but not for ever. */
class ChatTemplateTest {
    private static final String MESSAGES = "{% for message in messages %}{{ message['content'] }}{% endfor %}";

    @TempDir
    Path bundle;

    @Test
    void loopsThatWouldNotEndForYearsAreRefused() throws Exception {
        Files.writeString(bundle.resolve("chat_template.jinja"),
                "{% for a in range(1000) %}".repeat(6) + "{% endfor %}".repeat(6) + MESSAGES);
        assertThatThrownBy(() -> ChatTemplate.open(bundle, "<image>", Duration.ofMillis(200)))
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("CHAT_TEMPLATE_INVALID"));
    }

    @Test
    void aConversationThatIsRenderedLaterHasItsOwnTime() throws Exception {
        Files.writeString(bundle.resolve("chat_template.jinja"), MESSAGES);
        ChatTemplate template = ChatTemplate.open(bundle, "<image>");
        List<Message> messages = List.of(new Message(Role.USER, List.of(new Part.Text("hello"))), new Message(Role.ASSISTANT, List.of(new Part.Text("you"))));
        for (int i = 0; i < 3; i++) {
            assertThat(template.render(messages, false)).isEqualTo("helloyou");
        }
    }
}
