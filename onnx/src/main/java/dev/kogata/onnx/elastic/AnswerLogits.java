package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.AnswerHead;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.Operators;
import dev.kogata.onnx.graph.ValueInfos;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Adds logits at chosen positions: chosen before the output head, so that the head is computed for these alone. */
final class AnswerLogits {
    private final GraphEditor editor;
    private final Bundle bundle;

    AnswerLogits(GraphEditor editor, Bundle bundle) {
        this.editor = editor;
        this.bundle = bundle;
    }

    /** Returns the name of the new output. */
    String add() {
        Operators ops = new Operators(editor, "kogata.answers");
        String logits = logits();
        editor.input(ValueInfos.tensor(ElasticModel.POSITIONS, DataType.INT64, "answers"));
        Optional<AnswerHead> head = AnswerHead.find(editor.original(), logits);
        String chosen;
        if (head.isPresent()) {
            editor.replaceInput(head.get().node(), 0, positions(ops, head.get().hidden()));
            chosen = logits;
        } else {
            chosen = positions(ops, logits);
        }
        editor.add("Cast", List.of(chosen), List.of(ElasticModel.ANSWER_LOGITS), Attributes.of("to", DataType.FLOAT_VALUE));
        editor.output(ValueInfos.tensor(ElasticModel.ANSWER_LOGITS, DataType.FLOAT, "answers", bundle.vocabularySize()));
        return ElasticModel.ANSWER_LOGITS;
    }

    /** From [batch, sequence, n] to [answers, n]. */
    private String positions(Operators ops, String x) {
        String flat = editor.node("Flatten", "kogata.answers.Flatten", List.of(x), Attributes.of("axis", 2));
        return ops.gather(flat, ElasticModel.POSITIONS, 0);
    }

    /** The decoder's only output that is no cache; the first, should there be several. */
    private String logits() {
        Set<String> caches = bundle.cacheLayers().stream().flatMap(l -> Stream.of(l.key().output(), l.value().output())).collect(Collectors.toSet());
        return editor.original().graph().getOutputList().stream().map(ValueInfoProto::getName).filter(n -> !caches.contains(n)).findFirst().orElseThrow();
    }
}
