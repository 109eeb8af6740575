package dev.kogata.onnx.sparse;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.bundle.Bundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Recounts a result folder from its files alone and compares it with what {@code plan.json} claims: zeros and bytes of every
 * weight, widths and bytes of every cache, the sum and the budget, hashes of all files, and that {@code sparse/} restores
 * {@code bundle/}. Runs nothing of the model.
 */
public final class ResultVerification {
    private static final long PLAN_BYTES = 256 << 20;
    private static final String SPARSE = "sparse-bitmask";
    /** What was added to a graph for its cache has names that begin so; it is no tensor of the model. */
    private static final String ADDED = "kogata.";

    private final Path result;
    private final JsonNode plan;
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, String> hashes = new HashMap<>();
    private long weightBytes, cacheBytes, untouchedBytes, zeros, widestRow;

    private ResultVerification(Path result, JsonNode plan) {
        this.result = result;
        this.plan = plan;
    }

    /** Recounts; whatever is wrong with the files is in the answer. */
    public static Recount verify(Path result) {
        JsonNode plan;
        try {
            Path file = BundlePath.existing(result, "plan.json");
            if (Files.size(file) > PLAN_BYTES) {
                throw new IOException("plan.json is larger than %d bytes".formatted(PLAN_BYTES));
            }
            plan = new ObjectMapper().readTree(file.toFile());
        } catch (JacksonException e) {
            return new Recount(List.of("plan.json is not JSON"), 0, 0, 0, 0, 0);
        } catch (IOException e) {
            return new Recount(List.of(e.getMessage()), 0, 0, 0, 0, 0);
        }
        return new ResultVerification(result, plan).run();
    }

    private Recount run() {
        check("hashes", this::hashes);
        check("weights", this::weights);
        check("cache", this::caches);
        check("sparse/", this::sparse);
        check("budget", this::budget);
        return new Recount(wrong, weightBytes, cacheBytes, untouchedBytes, zeros, hashes.size());
    }

    private interface Check {
        void run() throws IOException;
    }

    private void check(String what, Check check) {
        try {
            check.run();
        } catch (FileSystemException e) {
            // Its message would be the path on this machine.
            wrong.add("%s: %s is missing or cannot be read".formatted(what, e.getFile() == null ? "a file" : result.relativize(Path.of(e.getFile()))));
        } catch (IOException | RefusedInput | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            wrong.add("%s: %s".formatted(what, e.getMessage()));
        }
    }

    private void expect(boolean holds, String otherwise, Object... values) {
        if (!holds) {
            wrong.add(otherwise.formatted(values));
        }
    }

    private void hashes() throws IOException {
        Set<String> listed = new HashSet<>();
        for (JsonNode output : plan.path("outputs")) {
            String path = output.path("path").asText();
            listed.add(path);
            String sha256 = Sha256.of(BundlePath.existing(result, path));
            hashes.put(path, sha256);
            expect(sha256.equals(output.path("sha256").asText()), "%s: its bytes are not those that plan.json knows", path);
        }
        for (String folder : List.of("bundle", "sparse")) {
            for (String file : BundlePath.files(result.resolve(folder))) {
                expect(listed.contains(folder + "/" + file), "%s/%s: plan.json does not list it", folder, file);
            }
        }
    }

    private void weights() throws IOException {
        Path bundle = result.resolve("bundle");
        Map<String, Map<String, StoredTensor>> scans = new HashMap<>();
        for (JsonNode weight : plan.path("weights")) {
            String name = weight.path("name").asText(), file = weight.path("file").asText();
            if (!scans.containsKey(file)) {
                BundlePath.existing(bundle, file);
                scans.put(file, InitializerScan.of(bundle, file));
            }
            StoredTensor tensor = scans.get(file).get(name);
            if (tensor == null) {
                wrong.add("%s: bundle/%s has no such matrix".formatted(name, file));
                continue;
            }
            BundlePath.existing(bundle, tensor.dataFile());
            ByteBuffer values = tensor.map(bundle);
            count(weight, tensor, (long) tensor.rows() * tensor.columns() - Bitmask.of(tensor, values).nonzeros());
        }
    }

    private void count(JsonNode claim, StoredTensor tensor, long zerosFound) {
        long all = (long) tensor.rows() * tensor.columns(), width = tensor.type().bytes();
        long sparse = (long) Bitmask.rowBytes(tensor.columns()) * tensor.rows() + (all - zerosFound) * width + 8L * tensor.rows() + 16;
        long bytes = Math.min(all * width, sparse);
        String name = tensor.name();
        expect(claim.path("rows").asLong() == tensor.rows() && claim.path("columns").asLong() == tensor.columns(), "%s: it is %d x %d, the plan says %s x %s",
                name, tensor.rows(), tensor.columns(), claim.path("rows"), claim.path("columns"));
        expect(claim.path("zeros").asLong(-1) == zerosFound, "%s: %d zeros, the plan says %s", name, zerosFound, claim.path("zeros"));
        expect(Math.abs(claim.path("sparsity").asDouble(-1) - (double) zerosFound / all) < 1e-6, "%s: sparsity %s, the plan says %s", name, (double) zerosFound / all, claim.path("sparsity"));
        expect(claim.path("bytes").asLong(-1) == bytes, "%s: %d bytes, the plan says %s", name, bytes, claim.path("bytes"));
        expect(claim.path("encoding").asText().equals(sparse < all * width ? SPARSE : "dense"), "%s: encoding %s is not the smaller one", name, claim.path("encoding"));
        weightBytes += bytes;
        zeros += zerosFound;
        widestRow = Math.max(widestRow, Math.max(tensor.rows(), tensor.columns()) * width);
    }

    private void caches() {
        List<String> ids = new ArrayList<>();
        plan.path("weights").forEach(weight -> ids.add(weight.path("file").asText() + "#" + weight.path("name").asText()));
        Bundle bundle = Bundle.open(result.resolve("bundle")).covering(ids);
        untouchedBytes = bundle.untouched().stream().filter(tensor -> !tensor.name().startsWith(ADDED)).mapToLong(tensor -> tensor.bytes()).sum();
        CacheRecount caches = new CacheRecount(bundle);
        long tokens = Math.multiplyExact(plan.path("workload").path("batch").asLong(), plan.path("workload").path("context").asLong());
        int count = 0;
        for (JsonNode claim : plan.path("layers")) {
            int layer = claim.path("layer").asInt(-1);
            long perToken = caches.bytesPerToken(layer);
            if (perToken < 0) {
                wrong.add("layer %d: the decoder has no cache of it".formatted(layer));
                continue;
            }
            count++;
            long bytes = Math.addExact(Math.multiplyExact(perToken, tokens), caches.fixedBytes(layer));
            expect(claim.path("cache_format").asText().equals(caches.format(layer)), "layer %d: its cache is %s, the plan says %s", layer, caches.format(layer), claim.path("cache_format"));
            cacheBytes += bytes;
            expect(claim.path("cache_bytes").asLong(-1) == bytes, "layer %d: %d bytes of cache, the plan says %s", layer, bytes, claim.path("cache_bytes"));
            expect(caches.hasWidth(layer, true, claim.path("key_bits").asInt(-1)), "layer %d: its keys are not of %s bits", layer, claim.path("key_bits"));
            expect(caches.hasWidth(layer, false, claim.path("value_bits").asInt(-1)), "layer %d: its values are not of %s bits", layer, claim.path("value_bits"));
        }
        expect(count == caches.layers(), "the decoder has %d caches, the plan %d", caches.layers(), count);
    }

    private void sparse() throws IOException {
        Map<String, String> restored = Expansion.hashes(result.resolve("sparse"));
        List<String> files = BundlePath.files(result.resolve("bundle"));
        for (String file : files) {
            expect(restored.containsKey(file) && restored.get(file).equals(hashes.get("bundle/" + file)), "%s: sparse/ does not restore bundle/", file);
        }
        expect(restored.size() == files.size(), "sparse/ restores %d files, bundle/ has %d", restored.size(), files.size());
        Set<String> cut = new HashSet<>();
        CutIndex.read(result.resolve("sparse")).files().forEach(file -> file.cuts().forEach(c -> cut.add(c.tensor())));
        for (JsonNode weight : plan.path("weights")) {
            String name = weight.path("name").asText();
            boolean stored = cut.contains(name) || cut.contains(weight.path("file").asText() + "#" + name);
            expect(stored == weight.path("encoding").asText().equals(SPARSE), "%s: sparse/ does not store it as the plan says", name);
        }
    }

    private void budget() {
        long bytes = weightBytes + cacheBytes + untouchedBytes, left = plan.path("budget_bytes").asLong() - bytes;
        expect(plan.path("bytes").asLong() == bytes, "%d bytes in all, the plan says %s", bytes, plan.path("bytes"));
        // Only pruning can use a budget up to a row: where nothing is pruned, it is the widths' to meet. The paper's search promises no more than to stay below.
        boolean nothingPruned = true;
        for (JsonNode weight : plan.path("weights")) {
            nothingPruned &= !weight.path("encoding").asText().equals(SPARSE);
        }
        boolean oneSided = nothingPruned || plan.path("search").asText().equals("paper");
        expect(left >= 0 && (left < widestRow || oneSided), "of the budget of %s bytes %d are left; a row has %d", plan.path("budget_bytes"), left, widestRow);
    }
}
