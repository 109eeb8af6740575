package dev.kogata.onnx.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes in place of a bundle's template, tokenizer and their configuration: prompts, or a refusal in words that name no path. */
class PromptFuzzTest {

    private static final List<Message> CONVERSATION = List.of(new Message(Role.USER, List.of(new Part.Text("Which shape?"))), new Message(Role.ASSISTANT, List.of(new Part.Text("A square."))));

    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5m")
    void aChatTemplateRendersOrIsRefused(byte[] bytes) throws IOException {
        render("template", "chat_template.jinja", bytes);
    }

    @FuzzTest(maxDuration = "5m")
    void aTokenizersConfigurationIsReadOrRefused(byte[] bytes) throws IOException {
        render("config", "tokenizer_config.json", bytes);
    }

    @FuzzTest(maxDuration = "5m")
    void aPreprocessorsConfigurationIsReadOrRefused(byte[] bytes) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("preprocessor"));
        Files.write(bundle.resolve("preprocessor_config.json"), bytes);
        try {
            Pixels pixels = ImagePreprocessor.open(bundle).pixels(new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB));
            assertThat(pixels.values().remaining()).isEqualTo(pixels.channels() * pixels.height() * pixels.width());
        } catch (RefusedInput refused) {
            inWords(refused);
        }
    }

    @FuzzTest(maxDuration = "5m")
    void aTokenizerIsReadOrRefused(byte[] bytes) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("tokenizer"));
        Files.write(bundle.resolve("tokenizer.json"), bytes);
        try (Tokenizer tokenizer = Tokenizer.open(bundle)) {
            tokenizer.decode(tokenizer.encode("Which shape?"));
        } catch (RefusedInput refused) {
            inWords(refused);
        }
    }

    private void render(String name, String file, byte[] bytes) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve(name));
        Files.write(bundle.resolve(file), bytes);
        try {
            ChatTemplate.open(bundle, "<image>").render(CONVERSATION, true);
        } catch (RefusedInput refused) {
            inWords(refused);
        } catch (ChatTemplate.Raised notThese) {
            // The template's own way to say that it does not take such messages.
        }
    }

    private static void inWords(RefusedInput refused) {
        assertThat(refused.reason()).matches("[A-Z][A-Z_]+");
        assertThat(refused).hasMessageNotContainingAny(folder.toString(), "dev.kogata", "java.");
    }
}
