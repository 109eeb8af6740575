package dev.kogata.onnx.prompt;

import java.beans.FeatureDescriptor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/** The methods of Python's str that chat templates call; Jinjava knows only those of Java's String. */
final class PythonStrings extends ELResolver {

    @Override
    public Object invoke(ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
        if (!(base instanceof CharSequence) || !(method instanceof CharSequence)) {
            return null;
        }
        String text = base.toString();
        String[] with = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        Object result = switch (method + "/" + with.length) {
            case "strip/0" -> text.strip();
            case "lstrip/0" -> text.stripLeading();
            case "rstrip/0" -> text.stripTrailing();
            case "strip/1" -> strip(text, with[0], true, true);
            case "lstrip/1" -> strip(text, with[0], true, false);
            case "rstrip/1" -> strip(text, with[0], false, true);
            case "startswith/1" -> text.startsWith(with[0]);
            case "endswith/1" -> text.endsWith(with[0]);
            case "upper/0" -> text.toUpperCase(Locale.ROOT);
            case "lower/0" -> text.toLowerCase(Locale.ROOT);
            case "replace/2" -> text.replace(with[0], with[1]);
            case "find/1" -> text.indexOf(with[0]);
            case "split/0" -> List.of(text.strip().split("\\s+"));
            case "split/1" -> List.of(text.split(Pattern.quote(with[0]), -1));
            default -> null;
        };
        if (result != null) {
            context.setPropertyResolved(true);
        }
        return result;
    }

    private static String strip(String text, String characters, boolean left, boolean right) {
        int from = 0, to = text.length();
        while (left && from < to && characters.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (right && to > from && characters.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
        return null;
    }

    @Override
    public Class<?> getType(ELContext context, Object base, Object property) {
        return null;
    }

    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {
        throw new UnsupportedOperationException("texts do not change");
    }

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
        return true;
    }

    @Override
    public Class<?> getCommonPropertyType(ELContext context, Object base) {
        return null;
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
        return null;
    }
}
