package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.core.budget.PlanBytes;
import dev.kogata.core.budget.ReachableBytes;
import dev.kogata.core.budget.Workload;
import dev.kogata.onnx.bundle.Bundle;

/** What {@code inspect} found, as JSON with the names of the protos. */
record InspectionDocument(Bundle bundle, Workload workload, PlanBytes dense, ReachableBytes reachable) {

    ObjectNode json() {
        ObjectNode document = Output.JSON.createObjectNode().put("layout", bundle.layout());
        ArrayNode components = document.putArray("components");
        bundle.components().forEach(part -> components.addObject().put("name", part.kind().label()).put("file", part.file())
                .put("layers", part.layers()).put("tensor_bytes", part.tensorBytes()).put("opset", part.opset()).put("ir_version", part.irVersion()));
        ArrayNode weights = document.putArray("weights");
        bundle.weights().forEach(weight -> weights.addObject().put("id", weight.id()).put("name", weight.name()).put("file", weight.file())
                .put("layer", weight.layer()).put("role", weight.role()).put("rows", weight.rows()).put("columns", weight.columns())
                .put("output_last", weight.outputLast()).put("value_bytes", weight.valueBytes()).put("data_type", weight.dataType()));
        ArrayNode caches = document.putArray("cache_layers");
        bundle.cacheLayers().forEach(cache -> {
            ObjectNode entry = caches.addObject().put("layer", cache.layer()).put("kv_heads", cache.kvHeads()).put("head_size", cache.headSize())
                    .put("value_bytes", cache.valueBytes()).put("group_size", cache.groupSize());
            cache.widths().forEach(entry.putArray("widths")::add);
            cache.nativeWidths().forEach(entry.putArray("native_widths")::add);
            if (!cache.nativeObstacle().isEmpty()) {
                entry.put("native_obstacle", cache.nativeObstacle());
            }
        });
        ArrayNode untouched = document.putArray("untouched");
        bundle.untouched().forEach(tensor ->
                untouched.addObject().put("name", tensor.name()).put("file", tensor.file()).put("bytes", tensor.bytes()).put("why", tensor.why()));
        document.putObject("workload").put("batch", workload.batch()).put("context", workload.context());
        document.putObject("bytes").put("untouched", dense.untouched()).put("weights", dense.weights()).put("cache", dense.cache());
        document.put("dense_bytes", dense.total()).put("minimum_bytes", reachable.minimum()).put("maximum_bytes", reachable.maximum());
        bundle.remarks().forEach(document.putArray("remarks")::add);
        return document;
    }
}
