package dev.kogata.orchestrator.report;

import java.math.BigInteger;
import java.util.List;

/**
 * {@code plan.json}: what was decided and what came of it, counted on the written files. Names (in snake_case) are part of the
 * contract with scripts. Holds nothing that differs between two runs of one job. Immutable.
 *
 * @param budgetBytes the limit
 * @param bytes bytes of what is delivered, at the workload
 * @param denseBytes bytes of the model as it came
 * @param untouchedBytes bytes of tensors that stayed as they were
 * @param format cache format that was asked for: {@code portable}, {@code native} or {@code any}
 * @param search how plans were proposed
 * @param finalPass how the final weights were made
 * @param origin where the delivered plan came from
 * @param trial its trial
 * @param inputs files of the model as it came
 * @param outputs files of {@code bundle/} and {@code sparse/}
 */
public record PlanDocument(int version, String model, String modelSha256, String dataset, String datasetSha256, long budgetBytes, long bytes,
        long denseBytes, long untouchedBytes, Workload workload, List<Weight> weights, List<Layer> layers, String format, String method, String search,
        String finalPass, String origin, int trial, BigInteger seed, int trials, List<File> inputs, List<File> outputs) {

    /** What the cache is counted for. */
    public record Workload(int batch, int context) {
    }

    /**
     * One weight.
     *
     * @param name the initializer
     * @param file the ONNX file, relative to the bundle
     * @param encoding {@code dense} or {@code sparse-bitmask}
     */
    public record Weight(String name, String file, int layer, long rows, long columns, long zeros, double sparsity, String encoding, long bytes) {
    }

    /**
     * Cache of one layer.
     *
     * @param keyBits 0 for as is
     * @param valueBits 0 for as is
     * @param cacheFormat {@code as-is}, {@code portable} or {@code native}
     * @param cacheBytes at the workload; a native layer's static scales count once
     * @param why why it could not have another format that was asked for; empty where it could
     */
    public record Layer(int layer, int keyBits, int valueBits, String cacheFormat, long cacheBytes, String why) {
    }

    /** One file. */
    public record File(String path, String sha256) {
    }
}
