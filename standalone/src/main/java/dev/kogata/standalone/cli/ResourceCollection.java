package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.client.Gateway;
import java.util.Locale;
import java.util.function.Function;

/**
 * What commands on models and on datasets have in common. Names come from whoever uploaded: what they hold must not steer the terminal.
 *
 * @param name first part of the names, {@code models} or {@code datasets}
 */
record ResourceCollection(String name) {
    private static final int PAGE = 200;
    private static final int LONGEST = 40;

    /** All of them, newest first, with one more column of their own. */
    int list(Output output, ServerOptions server, String displayName, String column, Function<JsonNode, String> value) {
        Gateway gateway = server.existing();
        String row = "%-22s %-" + LONGEST + "s %10s  %-19s %s";
        output.line(String.format(row, name.substring(0, name.length() - 1).toUpperCase(Locale.ROOT), "NAME", "BYTES", column, "CREATED"));
        String token = "";
        do {
            JsonNode page = gateway.list(name, displayName == null ? "" : "display_name=" + displayName, PAGE, token);
            for (JsonNode one : page.path(name)) {
                output.document(one);
                output.line(String.format(row, id(one.path("name").asText()), shown(one.path("display_name").asText()), ByteCount.of(one.path("size_bytes").asLong()),
                        shown(value.apply(one)), one.path("create_time").asText()));
            }
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
        return ExitCode.DONE;
    }

    /** One of them, with the lines that both kinds have. */
    JsonNode show(Output output, ServerOptions server, String given) {
        JsonNode found = server.existing().resource(full(given));
        output.document(found);
        output.line(found.path("name").asText() + " " + shown(found.path("display_name").asText()));
        line(output, "bytes", ByteCount.of(found.path("size_bytes").asLong()));
        line(output, "sha256", found.path("sha256").asText());
        line(output, "created", found.path("create_time").asText());
        return found;
    }

    /** Removes one of them. */
    int delete(Output output, ServerOptions server, String given) {
        server.existing().delete(full(given));
        output.document(Output.JSON.createObjectNode().put("name", full(given)).put("deleted", true));
        output.line(full(given) + " is gone.");
        return ExitCode.DONE;
    }

    void line(Output output, String label, String value) {
        if (!value.isEmpty()) {
            output.line(String.format("  %-13s %s", label, shown(value, Integer.MAX_VALUE)));
        }
    }

    private String full(String given) {
        return full(name, given);
    }

    /** The whole name of what a user named with or without its first part. */
    static String full(String collection, String given) {
        String id = given.startsWith(collection + "/") ? given.substring(collection.length() + 1) : given;
        if (id.isBlank()) {
            throw CommandFailure.usage("ARGUMENT_INVALID", "The id is empty: kogata " + collection + " list shows what there is.");
        }
        return collection + "/" + id;
    }

    private String id(String full) {
        return full.substring(full.indexOf('/') + 1);
    }

    private static String shown(String text) {
        return shown(text, LONGEST);
    }

    private static String shown(String text, int longest) {
        String plain = text.replaceAll("\\p{C}", "?");
        return plain.length() <= longest ? plain : plain.substring(0, longest - 3) + "...";
    }
}
