package dev.kogata.standalone.cli;

import dev.kogata.core.budget.ByteBudget;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a budget as it is written on the command line: {@code 60%}, {@code 0.6}, {@code 120MB}, {@code 120MiB} or a number of
 * bytes. A number with a decimal point and no unit is a share of the model's dense bytes, one without is a number of bytes.
 */
final class BudgetConverter implements ITypeConverter<ByteBudget> {
    private static final List<String> PREFIXES = List.of("", "K", "M", "G", "T");
    private static final Pattern FORM =
            Pattern.compile("(?<number>[+-]?[0-9]{1,30}(?<point>\\.[0-9]{1,30})?)\\s*(?:(?<percent>%)|(?<prefix>[KMGT]?)(?<binary>I?)B)?", Pattern.CASE_INSENSITIVE);

    /** Throws {@link dev.kogata.core.RefusedInput} for what is a budget, but not a possible one. */
    @Override
    public ByteBudget convert(String text) {
        Matcher form = FORM.matcher(text.strip());
        boolean bareBinary = form.matches() && !isEmpty(form.group("binary")) && isEmpty(form.group("prefix"));
        if (!form.matches() || bareBinary) {
            throw new TypeConversionException("'" + text + "' is no budget; write 60%, 0.6, 120MB, 120MiB or a number of bytes");
        }
        BigDecimal number = new BigDecimal(form.group("number"));
        if (form.group("percent") != null) {
            return new ByteBudget.Ratio(number.movePointLeft(2).doubleValue());
        }
        if (form.group("prefix") == null && form.group("point") != null) {
            return new ByteBudget.Ratio(number.doubleValue());
        }
        int power = form.group("prefix") == null ? 0 : PREFIXES.indexOf(form.group("prefix").toUpperCase(Locale.ROOT));
        BigDecimal unit = BigDecimal.valueOf(isEmpty(form.group("binary")) ? 1000 : 1024).pow(power);
        // Beyond 64 bits is beyond every model; the largest number is refused as unreachable like any other that is too large.
        BigDecimal bytes = number.multiply(unit).setScale(0, RoundingMode.FLOOR).min(BigDecimal.valueOf(Long.MAX_VALUE));
        return new ByteBudget.Bytes(bytes.max(BigDecimal.valueOf(-1)).longValueExact());
    }

    private static boolean isEmpty(String group) {
        return group == null || group.isEmpty();
    }
}
