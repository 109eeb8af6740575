package dev.kogata.standalone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.ErrorInfo;
import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.DeadLetterBox;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata dead}: records that could not be used, straight from the broker, for whoever operates it. */
@Command(
        name = "dead",
        description = "Lists and shows events that could not be used (topic kogata.dead), and sends them again.",
        footer = {"", "Examples:", "  kogata dead list", "  kogata dead show kogata.requests/0/17", "  kogata dead replay kogata.requests/0/17"})
final class DeadCommand extends CommandGroup {
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace()
            .usingTypeRegistry(TypeRegistry.newBuilder().add(ErrorInfo.getDescriptor()).build());

    /** Where the broker is. The command line has its own settings: it is no service. */
    static final class Broker {
        @Option(names = "--kafka", paramLabel = "HOST:PORT", defaultValue = "${env:KOGATA_KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}",
                description = "The broker; default: KOGATA_KAFKA_BOOTSTRAP_SERVERS, else localhost:9092.")
        private String address;

        @Option(names = "--kafka-setting", paramLabel = "NAME=VALUE", description = "A setting of Kafka's clients, such as security.protocol=SSL; may come several times.")
        private Map<String, String> settings = new LinkedHashMap<>();

        <A> A ask(Function<DeadLetterBox, A> question) {
            try {
                return question.apply(new DeadLetterBox(address, settings));
            } catch (KogataException e) {
                int exit = e.reason() == Reason.UNAVAILABLE ? ExitCode.UNREACHABLE : ExitCode.REFUSED;
                throw new CommandFailure(exit, e.reason().name(), e.getMessage(), e.metadata());
            }
        }
    }

    @Command(name = "list", description = "Lists letters, oldest first.", footer = {"", "Example:", "  kogata dead list --json"})
    int list(@Mixin ResourceOutput output, @Mixin Broker broker) {
        Map<String, DeadLetter> letters = broker.ask(DeadLetterBox::letters);
        output.line(String.format("%-28s %-22s %s", "LETTER", "GIVEN UP", "WHY"));
        letters.forEach((id, letter) -> {
            output.document(document(id, letter));
            output.line(String.format("%-28s %-22s %s", id, Timestamps.toString(letter.getTime()).substring(0, 19), letter.getError().getMessage()));
        });
        return ExitCode.DONE;
    }

    @Command(name = "show", description = "Shows one letter with its record.", footer = {"", "Example:", "  kogata dead show kogata.requests/0/17"})
    int show(@Mixin ResourceOutput output, @Mixin Broker broker, @Parameters(paramLabel = "LETTER", description = "TOPIC/PARTITION/OFFSET, as list shows it.") String id) {
        DeadLetter letter = broker.ask(box -> box.letter(id));
        output.document(document(id, letter));
        output.line(id + ", given up " + Timestamps.toString(letter.getTime()));
        output.line("  why      " + letter.getError().getMessage());
        letter.getHeadersList().forEach(header -> output.line("  header   " + printable(header.getName()) + ": " + printable(header.getValue())));
        output.line("  value    " + (letter.hasValue() ? printable(letter.getValue()) : letter.getValueDropped() ? "dropped, it was too large" : "none"));
        return ExitCode.DONE;
    }

    @Command(name = "replay", description = "Sends a letter's record again, as it was; the letter stays.",
            footer = {"", "Example:", "  kogata dead replay kogata.requests/0/17"})
    int replay(@Mixin ResourceOutput output, @Mixin Broker broker, @Parameters(paramLabel = "LETTER", description = "TOPIC/PARTITION/OFFSET, as list shows it.") String id) {
        broker.ask(box -> {
            box.replay(id);
            return id;
        });
        output.document(Output.JSON.createObjectNode().put("replayed", id));
        output.line("The record " + id + " was sent again.");
        return ExitCode.DONE;
    }

    private static ObjectNode document(String id, DeadLetter letter) {
        try {
            ObjectNode document = (ObjectNode) Output.JSON.readTree(PRINTER.print(letter));
            String reason = document.path("error").path("details").path(0).path("reason").asText();
            return document.put("id", id).put("reason", reason);
        } catch (InvalidProtocolBufferException | JsonProcessingException e) {
            throw new IllegalStateException("a dead letter has no JSON", e);
        }
    }

    /** A record is anybody's: what it holds must not steer the terminal. */
    private static String printable(ByteString bytes) {
        return printable(bytes.toStringUtf8());
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }
}
