package dev.kogata.orchestrator.flow;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.kogata.core.search.StartPlan;
import java.util.List;

/** Start plans as a job remembers them: what the store says of similar models changes, what a search began with does not. Stateless. */
final class StoredStarts {

    private StoredStarts() {
    }

    static Any message(List<StartPlan> plans) {
        ListValue.Builder all = ListValue.newBuilder();
        for (StartPlan plan : plans) {
            all.addValues(Value.newBuilder().setStructValue(Struct.newBuilder()
                    .putFields("origin", Value.newBuilder().setStringValue(plan.origin()).build())
                    .putFields("sparsity", numbers(plan.sparsity()))
                    .putFields("key_bits", numbers(plan.keyBits()))
                    .putFields("value_bits", numbers(plan.valueBits()))));
        }
        return Any.pack(all.build());
    }

    static List<StartPlan> plans(Any message) {
        try {
            return message.unpack(ListValue.class).getValuesList().stream().map(value -> value.getStructValue().getFieldsMap()).map(fields -> new StartPlan(
                    fields.get("origin").getStringValue(),
                    doubles(fields.get("sparsity")),
                    doubles(fields.get("key_bits")).stream().map(Double::intValue).toList(),
                    doubles(fields.get("value_bits")).stream().map(Double::intValue).toList())).toList();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a job's start plans are no list", e);
        }
    }

    private static Value numbers(List<? extends Number> numbers) {
        ListValue.Builder list = ListValue.newBuilder();
        numbers.forEach(number -> list.addValues(Value.newBuilder().setNumberValue(number.doubleValue())));
        return Value.newBuilder().setListValue(list).build();
    }

    private static List<Double> doubles(Value list) {
        return list.getListValue().getValuesList().stream().map(Value::getNumberValue).toList();
    }
}
