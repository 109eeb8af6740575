package dev.kogata.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The program behind {@code ./kogata bench [NAME] [--json] [--threads N] [--rounds N]}: measures one pair or all, and writes a table, or
 * with {@code --json} one document a line, to standard output. Exit status: 0 done, 2 usage, 4 a measurement failed.
 */
public final class BenchMain {
    private BenchMain() {}

    /** Runs the program and ends the process. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        boolean json = false;
        int threads = 1, rounds = 3;
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            boolean counted = i + 1 < arguments.length && arguments[i + 1].matches("[1-9][0-9]{0,2}");
            if (argument.equals("--json")) {
                json = true;
            } else if (counted && argument.equals("--threads")) {
                threads = Integer.parseInt(arguments[++i]);
            } else if (counted && argument.equals("--rounds")) {
                rounds = Integer.parseInt(arguments[++i]);
            } else if (Pair.of(argument).isPresent()) {
                pairs.add(Pair.of(argument).get());
            } else {
                System.err.println("kogata: " + argument + " is no benchmark; choose from "
                        + Arrays.stream(Pair.values()).map(Pair::label).collect(Collectors.joining(", ")) + ", with --json, --threads N and --rounds N if you like.");
                return 2;
            }
        }
        return measure(pairs.isEmpty() ? List.of(Pair.values()) : pairs, json, new Measuring(threads, rounds));
    }

    private static int measure(List<Pair> pairs, boolean json, Measuring measuring) {
        if (!json) {
            System.out.println(Timed.header());
        }
        for (Pair pair : pairs) {
            try {
                measuring.run(pair).forEach(timed -> System.out.println(json ? timed.json() : timed.line()));
            } catch (IllegalStateException failed) {
                System.err.println("kogata: measuring " + pair.label() + " failed. " + failed.getMessage());
                return 4;
            }
        }
        return 0;
    }
}
