package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    private static final Path DEMO = Path.of(System.getProperty("kogata.root"), "demo");

    @TempDir
    Path folder;

    @Test
    void everyCommandHasHelpWithExamplesAndJson() {
        CommandLine kogata = KogataCommand.commandLine();
        kogata.getSubcommands().forEach((name, command) -> {
            assertThat(command.getUsageMessage()).as(name).contains("Example").contains("--help");
            // Its output is a script.
            if (!name.equals("completion") && command.getSubcommands().isEmpty()) {
                assertThat(command.getUsageMessage()).as(name).contains("--json");
            }
            command.getSubcommands().forEach((inner, sub) ->
                    assertThat(sub.getUsageMessage()).as(name + " " + inner).contains("Example").contains("--json").contains("--help"));
        });
    }

    @Test
    void helpEndsWithSuccess() {
        assertThat(Ran.kogata("compress", "--help").exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "comprss", "compress", "inspect", "jobs", "jobs shw", "inspect . --no-such-option",
        "compress . --out x --budget much", "compress . --out x --budget 50% --trials many", "serve --http-port x", "jobs list --server nowhere"})
    void whatIsNoCommandIsAUsageErrorAndSaysWhereHelpIs(String line) {
        Ran ran = Ran.kogata(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).startsWith("kogata: ").contains("--help");
    }

    @Test
    void aRefusalIsOneSentenceAndWithJsonOneDocument() {
        Ran ran = Ran.kogata("inspect", folder.toString(), "--json");
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("LAYOUT_UNKNOWN");
        assertThat(ran.document().path("error").path("exit_code").asInt()).isEqualTo(3);
        assertThat(ran.err().lines()).hasSize(1);
    }

    @Test
    void inspectShowsTheDemosModel() {
        Ran ran = Ran.kogata("inspect", DEMO.resolve("shapes-llava").toString(), "--json", "--context", "2048");
        assertThat(ran.exit()).isZero();
        assertThat(ran.document().path("layout").asText()).isEqualTo("optimum");
        assertThat(ran.document().path("cache_layers")).hasSize(8);
        assertThat(ran.document().path("weights")).hasSize(56);
        assertThat(ran.document().path("workload").path("context").asInt()).isEqualTo(2048);
        assertThat(Ran.kogata("inspect", DEMO.resolve("shapes-llava").toString()).out()).contains("vision_encoder", "down_proj", "budgets that can be met");
    }

    @Test
    void anUnreachableBudgetIsRefusedWithTheReachableRangeBeforeAnythingStarts() {
        Ran ran = compress("--budget", "1%", "--data", DEMO.resolve("data/calibration.jsonl").toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(ran.document().path("error").path("metadata").has("minimum_bytes")).isTrue();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBudgetIsNeededOnce() {
        assertThat(compress().exit()).isEqualTo(2);
        assertThat(compress("--budget", "50%", "--cache-budget", "25%").document().path("error").path("reason").asText()).isEqualTo("BUDGET_INVALID");
    }

    @Test
    void aBadLineOfTheDataIsNamedByItsNumber() throws Exception {
        Path data = Files.writeString(folder.resolve("data.jsonl"), "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\nno json\n");
        Ran ran = compress("--budget", "45%", "--data", data.toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("metadata").path("line").asText()).isEqualTo("2");
    }

    @Test
    void aFolderThatIsNoResultIsNeverOverwritten() throws Exception {
        Path mine = Files.createDirectories(folder.resolve("out")).resolve("mine.txt");
        Files.writeString(mine, "precious");
        Ran ran = compress("--budget", "45%", "--data", DEMO.resolve("data/calibration.jsonl").toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.err()).contains("mine.txt", "--out");
        assertThat(mine).hasContent("precious");
    }

    @Test
    void whatIsNoResultDoesNotVerify() throws Exception {
        assertThat(Ran.kogata("verify", folder.resolve("nowhere").toString()).exit()).isEqualTo(3);
        Files.writeString(folder.resolve("plan.json"), "{}");
        Ran ran = Ran.kogata("verify", folder.toString(), "--json");
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("verified").asBoolean(true)).isFalse();
        assertThat(ran.document().path("wrong")).isNotEmpty();
    }

    @Test
    void whatCannotBeExpandedLeavesNothingBehind() throws Exception {
        Path sparse = Files.createDirectory(folder.resolve("sparse"));
        Ran ran = Ran.kogata("expand", sparse.toString(), folder.resolve("out").toString(), "--json");
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("VERIFICATION_FAILED");
        assertThat(folder).isDirectoryNotContaining(file -> !file.equals(sparse));
        assertThat(Ran.kogata("expand", sparse.toString(), folder.toString()).err()).contains("not an empty folder");
    }

    @Test
    void aPortInUseIsRefusedBeforeAnythingStarts() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ran ran = Ran.kogata("serve", "--json", "--home", folder.resolve("home").toString(), "--grpc-port", Integer.toString(taken.getLocalPort()));
            // Where the services are not packaged yet, that is said first; the port's own test needs no package.
            assertThat(ran.exit()).isIn(3, 5);
            assertThat(ran.document().path("error").path("reason").asText()).isIn("PORT_IN_USE", "UNAVAILABLE");
            assertThat(folder.resolve("home/logs/broker.log")).doesNotExist();
        }
    }

    @Test
    void completionKnowsEveryCommandAndOption() {
        String script = Ran.kogata("completion", "bash").out();
        assertThat(script).contains("compress").contains("--budget").contains("--estimate").contains("_complete_kogata").contains("models").contains("datasets").contains("what-if");
        assertThat(Ran.kogata("completion", "zsh").exit()).isZero();
        assertThat(Ran.kogata("completion", "fish").exit()).isEqualTo(2);
    }

    @Test
    void aKeyIsShownOnceAndItsLineHoldsOnlyTheHash() {
        Ran ran = Ran.kogata("key", "acme", "ci", "--json");
        String key = ran.document().path("key").asText();
        String line = ran.document().path("line").asText();
        assertThat(key).startsWith("kogata_").hasSizeGreaterThan(40);
        assertThat(line).matches("acme ci [0-9a-f]{64}").doesNotContain(key);
        assertThat(Ran.kogata("key", "acme", "ci", "--json").document().path("key").asText()).isNotEqualTo(key);
        assertThat(Ran.kogata("key", "a b", "ci").exit()).isEqualTo(2);
    }

    private Ran compress(String... more) {
        String[] arguments = new String[more.length + 5];
        String[] first = {"compress", DEMO.resolve("shapes-llava").toString(), "--out", folder.resolve("out").toString(), "--json"};
        System.arraycopy(first, 0, arguments, 0, first.length);
        System.arraycopy(more, 0, arguments, first.length, more.length);
        return Ran.kogata(arguments);
    }
}
