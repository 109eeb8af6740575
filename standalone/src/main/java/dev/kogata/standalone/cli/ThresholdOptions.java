package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.core.budget.ByteBudget;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What the report holds the result against; with none it gives numbers and no verdict. */
final class ThresholdOptions {
    @Option(names = "--max-accuracy-loss", paramLabel = "SHARE", converter = Share.class,
            description = "Most that the share of exact answers may fall: 1%% or 0.01 is one percentage point.")
    private Double accuracyLoss;

    @Option(names = "--max-latency-increase", paramLabel = "SHARE", converter = Share.class,
            description = "Most that a token may take longer than in the dense model, e.g. 20%%.")
    private Double latencyIncrease;

    @Option(names = "--max-kl", paramLabel = "NATS", converter = Share.class, description = "Most KL divergence from the dense model on held-out data, e.g. 0.01.")
    private Double kl;

    @Option(names = "--max-process-memory", paramLabel = "BYTES", converter = Bytes.class,
            description = "Most peak memory of the process that runs the result, e.g. 2GiB.")
    private Long processBytes;

    /** The field {@code thresholds} of a job's request; empty where none is given. */
    ObjectNode request() {
        ObjectNode request = Output.JSON.createObjectNode();
        put(request, "max_accuracy_loss", accuracyLoss);
        put(request, "max_latency_increase", latencyIncrease);
        put(request, "max_kl", kl);
        return processBytes == null ? request : request.put("max_process_bytes", processBytes);
    }

    private static void put(ObjectNode request, String field, Double value) {
        if (value != null) {
            request.put(field, value);
        }
    }

    /** {@code 20%} or {@code 0.2}; may be 0, and more than 1: something can take twice as long. */
    static final class Share implements ITypeConverter<Double> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,30})?)\\s*(%?)");

        @Override
        public Double convert(String text) {
            Matcher form = FORM.matcher(text.strip());
            if (!form.matches()) {
                throw new TypeConversionException("'" + text + "' is no limit; write 20% or 0.2");
            }
            BigDecimal number = new BigDecimal(form.group(1));
            return (form.group(2).isEmpty() ? number : number.movePointLeft(2)).doubleValue();
        }
    }

    /** {@code 2GiB}, {@code 120MB} or a number of bytes. */
    static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            if (new BudgetConverter().convert(text) instanceof ByteBudget.Bytes bytes) {
                return bytes.bytes();
            }
            throw new TypeConversionException("'" + text + "' is no number of bytes; write 120MB, 2GiB or a number");
        }
    }
}
