package dev.kogata.standalone.cli;

import java.util.Locale;

/** Bytes for people: three significant digits and a decimal unit. */
final class ByteCount {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private ByteCount() {}

    static String of(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String form = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, form, value, UNITS[unit]);
    }
}
