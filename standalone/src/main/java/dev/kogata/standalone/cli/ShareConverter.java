package dev.kogata.standalone.cli;

import dev.kogata.core.budget.ByteBudget;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a share of the dense bytes: {@code 60%} or {@code 0.6}. */
final class ShareConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
        if (new BudgetConverter().convert(text) instanceof ByteBudget.Ratio share) {
            return share.ratio();
        }
        throw new TypeConversionException("'" + text + "' is no share of the model; write 60% or 0.6");
    }
}
