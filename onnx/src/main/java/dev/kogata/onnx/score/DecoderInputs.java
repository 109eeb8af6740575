package dev.kogata.onnx.score;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kogata.core.RefusedInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The inputs of a decoder, by the names that all exporters share: {@code inputs_embeds} or {@code input_ids},
 * {@code attention_mask}, {@code position_ids}, {@code use_cache_branch}, and caches beginning with {@code past}. Whatever
 * is not among the session's inputs is left out; other inputs (an elastic graph's own) are the caller's. Immutable.
 */
public final class DecoderInputs {
    private final OrtEnvironment environment;
    private final Map<String, TensorInfo> inputs;
    private final int headSize;

    private DecoderInputs(OrtEnvironment environment, Map<String, TensorInfo> inputs, int headSize) {
        this.environment = environment;
        this.inputs = inputs;
        this.headSize = headSize;
    }

    /**
     * @param headSize last dimension of a cache where the graph leaves it open (onnxruntime-genai does); 0 where unknown
     */
    public static DecoderInputs of(OrtEnvironment environment, OrtSession session, int headSize) throws OrtException {
        Map<String, TensorInfo> inputs = new LinkedHashMap<>();
        for (NodeInfo input : session.getInputInfo().values()) {
            if (input.getInfo() instanceof TensorInfo tensor) {
                inputs.put(input.getName(), tensor);
            }
        }
        return new DecoderInputs(environment, inputs, headSize);
    }

    /** Names of the cache inputs, in the graph's order. */
    public Iterable<String> caches() {
        return inputs.keySet().stream().filter(name -> name.startsWith("past")).toList();
    }

    /** Everything for a pass over whole sequences, caches empty. The caller closes the tensors. */
    public Map<String, OnnxTensor> prefill(PaddedBatch batch) throws OrtException {
        Map<String, OnnxTensor> feed = step(batch, false);
        for (String name : caches()) {
            feed.put(name, emptyCache(name, inputs.get(name), batch.size()));
        }
        return feed;
    }

    /**
     * Everything but the caches. The caller closes the tensors.
     *
     * @param batch its mask counts the tokens already in the cache too, where there are any
     * @param cached whether there are
     */
    public Map<String, OnnxTensor> step(PaddedBatch batch, boolean cached) throws OrtException {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        long[] shape = {batch.size(), batch.length()};
        if (inputs.containsKey("inputs_embeds")) {
            feed.put("inputs_embeds", FloatTensors.create(environment, inputs.get("inputs_embeds").type, "inputs_embeds", batch.embeddings(),
                    batch.size(), batch.length(), batch.hidden()));
        }
        if (inputs.containsKey("input_ids")) {
            feed.put("input_ids", OnnxTensor.createTensor(environment, batch.tokens(), shape));
        }
        if (inputs.containsKey("attention_mask")) {
            feed.put("attention_mask", OnnxTensor.createTensor(environment, batch.mask(), new long[] {batch.size(), batch.mask().capacity() / batch.size()}));
        }
        if (inputs.containsKey("position_ids")) {
            feed.put("position_ids", OnnxTensor.createTensor(environment, batch.positions(), shape));
        }
        if (inputs.containsKey("use_cache_branch")) {
            feed.put("use_cache_branch", OnnxTensor.createTensor(environment, new boolean[] {cached}));
        }
        return feed;
    }

    /** A cache of no token: the first dimension is the batch, the last the channels, an open one between them the past. */
    private OnnxTensor emptyCache(String name, TensorInfo info, int size) throws OrtException {
        long[] shape = info.getShape();
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] < 0) {
                shape[d] = d == 0 ? size : d == shape.length - 1 ? headSize : 0;
            }
        }
        if (shape[shape.length - 1] == 0) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "The decoder's cache input " + name + " does not tell its head size.");
        }
        ByteBuffer nothing = ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
        return OnnxTensor.createTensor(environment, nothing, shape, info.type);
    }
}
