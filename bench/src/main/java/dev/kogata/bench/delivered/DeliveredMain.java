package dev.kogata.bench.delivered;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetSplit;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What searches deliver at the same bytes, seed by seed: one JSON line for each procedure, seed and budget, as soon as it is known. Uses the
 * classes that the services use, without the mesh between them.
 *
 * <pre>
 * java -cp 'bench/target/lib/*' dev.kogata.bench.delivered.DeliveredMain --model demo/shapes-llava --calibration demo/data/calibration.jsonl
 *     --heldout demo/data/heldout.jsonl --first 96 --seeds 1,2,3,4,5 --budgets 0.5,0.4,0.35 --trials 100 --threads 2
 *     --procedures kogata,uniform-sparsegpt,uniform-wanda,paper
 * </pre>
 */
public final class DeliveredMain {
    private DeliveredMain() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of("--first", "96", "--seeds", "1,2,3,4,5", "--budgets", "0.5,0.4,0.35", "--trials", "100", "--threads", "2",
                "--procedures", "kogata,uniform-sparsegpt,uniform-wanda,paper"));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        int threads = Integer.parseInt(options.get("--threads"));
        Bundle bundle = Bundle.open(Path.of(options.get("--model")));
        Dataset calibration = Conversations.read(Path.of(options.get("--calibration")), Integer.parseInt(options.get("--first")));
        Dataset heldout = Conversations.read(Path.of(options.get("--heldout")), 0);
        Conversations conversations = new Conversations();
        conversations.add(bundle, calibration, threads);
        conversations.add(bundle, heldout, threads);
        for (String seed : options.get("--seeds").split(",")) {
            DatasetSplit split = DatasetSplit.of(calibration, Optional.of(heldout), Long.parseLong(seed), new DatasetSplit.Limits(0, 0, 0));
            try (Workbench bench = new Workbench(bundle, conversations, split, VersionGrid.USUAL, threads)) {
                for (String budget : options.get("--budgets").split(",")) {
                    rows(new Procedures(bench, Long.parseLong(seed), Double.parseDouble(budget), Integer.parseInt(options.get("--trials"))),
                            Arrays.asList(options.get("--procedures").split(",")));
                }
            }
        }
    }

    private static void rows(Procedures procedures, List<String> names) throws Exception {
        for (String name : names) {
            Row row = switch (name) {
                case "kogata" -> procedures.kogata();
                case "uniform-sparsegpt" -> procedures.uniformSparseGpt();
                case "uniform-wanda" -> procedures.uniformWanda();
                case "paper" -> procedures.paper();
                default -> throw new IllegalArgumentException("no procedure " + name);
            };
            System.out.println(row.json());
        }
    }
}
