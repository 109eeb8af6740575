package dev.kogata.onnx.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.DemoFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetTest {
    private static final DatasetLimits LIMITS = new DatasetLimits(1000, 10, 6, 10_000, 100);
    private static final String GOOD = "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'}]}";
    @TempDir Path parent;
    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectories(parent.resolve("dataset/images")).getParent();
        picture("images/a.png", 10, 10);
        picture("images/large.png", 10, 11);
        picture("../outside.png", 5, 5);
        Files.writeString(folder.resolve("images/text.png"), "no picture");
        byte[] png = Files.readAllBytes(folder.resolve("images/a.png"));
        Files.write(folder.resolve("images/cut.png"), Arrays.copyOf(png, png.length / 2));
        Files.createSymbolicLink(folder.resolve("images/link.png"), parent.resolve("outside.png"));
    }

    private void picture(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        image.setRGB(1, 2, 0xabcdef);
        ImageIO.write(image, "png", folder.resolve(name).toFile());
    }

    private Dataset read(String... lines) throws IOException {
        Files.writeString(folder.resolve("data.jsonl"), String.join("\n", lines).replace('\'', '"'));
        return Dataset.read(folder, LIMITS);
    }

    @Test
    void bothFormsOfTheSameConversationHaveTheSameContent() throws IOException {
        Dataset dataset = read(
                "{'id':'one','tags':['count'],'messages':[{'role':'user','content':[{'type':'image','image':'images/a.png'},{'type':'text','text':'How many?'}]},{'role':'assistant','content':'two.'}]}",
                "", "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'images/a.png'}},{'type':'text','text':'How many?'}]},{'role':'assistant','content':[{'type':'text','text':'two.'}]}]}",
                "{'id':7,'image':'images/a.png','conversations':[{'from':'human','value':'<image>\\nHow many?'},{'from':'gpt','value':'two.'}]}",
                "{'image':['images/a.png'],'conversations':[{'from':'human','value':'How many?'},{'from':'gpt','value':'two.'}]}");
        List<Conversation> conversations = dataset.conversations();
        assertThat(conversations).extracting(Conversation::contentSha256).containsOnly(conversations.get(0).contentSha256());
        assertThat(conversations).extracting(Conversation::id).containsExactly("one", "3", "7", "5");
        assertThat(conversations.get(0).tags()).containsExactly("count");
        assertThat(conversations.get(2).messages().get(0).text()).isEqualTo("How many?");
        assertThat(dataset.picture(conversations.get(1), conversations.get(1).pictures().get(0)).getRGB(1, 2)).isEqualTo(0xffabcdef);
        assertThat(dataset.withImages()).isEqualTo(4);
        assertThat(dataset.turns()).isEqualTo(4);
        assertThat(dataset.file()).isEqualTo("data.jsonl");
    }

    @Test
    void theDemosDataIsReadWhole() throws IOException {
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.HELDOUT, DatasetLimits.DEFAULT);
        assertThat(dataset.conversations()).hasSize(256);
        assertThat(dataset.turns()).isEqualTo(749);
        assertThat(dataset.tags()).containsExactly("above", "colour", "count", "describe", "digit", "exists", "object", "position", "recall");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', quoteCharacter = '`', value = {
        "not json# is not JSON (column 1)",
        "{'messages':[]} {}# is not JSON (column 17)",
        "[1]# is not a JSON object",
        "{'a':1}# has neither 'messages' nor 'conversations'",
        "{'messages':[]}# has no assistant message, so there is no answer to measure",
        "{'messages':[{'role':'robot','content':'x'}]}# has a message of 'robot'; system, user (human) and assistant (gpt) are known",
        "{'messages':[{'content':'x'}]}# has a message of nobody; system, user (human) and assistant (gpt) are known",
        "{'messages':[{'role':'user','content':5}]}# has a message whose 'content' is neither text nor a list of parts",
        "{'messages':[{'role':'user','content':[{'type':'audio'}]}]}# has a part of type 'audio'; text, image and image_url are known",
        "{'messages':[{'role':'user','content':[{'type':'image'}]}]}# has a part of type 'image' without its path",
        "{'messages':[{'role':'assistant','content':' '}]}# has an assistant message without text",
        "{'tags':['a','b'],'messages':[{'role':'assistant','content':'x'}]}# has 2 tags for 1 assistant messages",
        "{'image':'images/a.png','conversations':[{'from':'human','value':'<image><image>'},{'from':'gpt','value':'x'}]}# has 1 pictures, but 2 times <image>",
    })
    @Tag("hostile-54")
    void aLineThatIsNoConversationIsRefusedByNumber(String line, String message) {
        assertThatThrownBy(() -> read(GOOD, line)).hasMessage("Line 2 of the dataset " + message.replace('\'', '"') + ".")
                .isInstanceOfSatisfying(RefusedInput.class, e -> {
                    assertThat(e.reason()).isEqualTo("DATASET_LINE_INVALID");
                    assertThat(e.metadata()).containsEntry("line", "2");
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', quoteCharacter = '`', value = {
        "images/none.png# is not part of the dataset",
        "../outside.png# is not a path inside the dataset's folder",
        "images/../../outside.png# is not a path inside the dataset's folder",
        "/etc/passwd# is not a path inside the dataset's folder",
        "images\\\\a.png# is not a path inside the dataset's folder",
        "images/link.png# is not a file inside the dataset's folder",
        "images# is not a file inside the dataset's folder",
        "http://host/a.png# is an address; give a path relative to the dataset's file, and the picture with it",
        "data:image/png,base64# is an address; give a path relative to the dataset's file, and the picture with it",
        "images/text.png# is no PNG, JPEG, GIF or BMP image",
        "images/cut.png# cannot be decoded: it is damaged, or of a kind that is not supported",
        "images/large.png# has 110 pixels; at most 100 are read",
    })
    @Tag("hostile-54")
    void aPictureThatCannotBeReadIsRefusedByLineAndName(String path, String message) {
        assertThatThrownBy(() -> read(GOOD, "{'messages':[{'role':'user','content':[{'type':'image','image':'" + path + "'}]},{'role':'assistant','content':'x'}]}"))
                .hasMessage("Line 2 of the dataset names the picture \"" + path.replace("\\\\", "\\") + "\", which " + message + ".")
                .isInstanceOfSatisfying(RefusedInput.class, e -> {
                    assertThat(e.reason()).isEqualTo("IMAGE_UNREADABLE");
                    assertThat(e.metadata()).containsEntry("line", "2");
                });
    }

    @Test
    @Tag("hostile-54")
    void limitsAreNamed() {
        assertThatThrownBy(() -> read(GOOD, "x".repeat(1001))).hasMessage("Line 2 of the dataset is longer than 1000 bytes.");
        assertThatThrownBy(() -> read(Collections.nCopies(11, GOOD).toArray(String[]::new))).hasMessage("The dataset has more than 10 conversations.");
        assertThatThrownBy(() -> read("", "")).hasMessage("The dataset is empty: it needs a conversation in each line.");
    }

    @Test
    void exactlyOneFileOfConversationsIsNeeded() throws IOException {
        assertThatThrownBy(() -> Dataset.read(folder, LIMITS)).hasMessageContaining("holds no .jsonl file");
        read(GOOD);
        Files.writeString(folder.resolve("other.jsonl"), GOOD);
        assertThatThrownBy(() -> Dataset.read(folder, LIMITS)).hasMessage("The dataset holds 2 .jsonl files, among them \"data.jsonl\" and \"other.jsonl\"; it needs exactly one.");
    }

    @Test
    void controlCharactersOfADatasetNeverReachAMessage() {
        assertThatThrownBy(() -> read("{'messages':[{'role':'\\u001b[31m\\n\\u202e','content':'x'}]}")).hasMessageContaining("\"?[31m??\"");
    }
}
